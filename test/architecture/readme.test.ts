import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { verbs } from '../../src/cli/cli.ts'
import type { Log, LogEntry } from '../../src/log/entry.ts'
import * as accessLogEvents from '../../src/log/access-log-events.ts'
import * as authenticationEvents from '../../src/log/authentication-events.ts'
import * as certificateEvents from '../../src/log/certificate-events.ts'
import * as controlEvents from '../../src/log/control-events.ts'
import * as events from '../../src/log/events.ts'
import * as processEvents from '../../src/log/process-events.ts'
import { ranks } from './rules.ts'

const top = fileURLToPath(new URL('../..', import.meta.url))
const readme = readFileSync(`${top}README.md`, 'utf8')

function section(title: string): string {
  const [, text] = readme.split(new RegExp(`^## ${title}$`, 'm'))
  return (text as string).split(/^## /m)[0] as string
}

/** Stands for every field of an event: a text, a number, a list. */
const anything: unknown = new Proxy(() => undefined, {
  get: (_, name) =>
    name === Symbol.toPrimitive ? () => 'x' : name === Symbol.iterator ? () => [][Symbol.iterator]() : anything,
  apply: () => anything,
  ownKeys: () => ['prototype'],
  getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: false, value: undefined }),
})

/** Every event that the code can tell, by name, with the numbers that it carries. */
function eventsOfTheCode(): ReadonlyMap<string, number | undefined> {
  const told = new Map<string, number | undefined>()
  const log: Log = {
    isEnabled: () => true,
    write: (_level, { event, eventId }: LogEntry) => told.set(event, eventId),
  }
  const all = {
    ...events,
    ...accessLogEvents,
    ...authenticationEvents,
    ...certificateEvents,
    ...controlEvents,
    ...processEvents,
  }
  for (const tell of Object.values(all)) (tell as (log: Log, f: unknown) => void)(log, anything)
  return told
}

describe('the README', () => {
  test('lists every event of the code, with its number, and no other', () => {
    const listed = new Map<string, number | undefined>()
    for (const [, names, id] of section('Events').matchAll(/^\| (`.+?`) \|\s*(\d*)\s*\|/gm)) {
      for (const [, name] of (names as string).matchAll(/`(\w+)`/g)) listed.set(name as string, Number(id) || undefined)
    }
    const told = eventsOfTheCode()
    expect(told.size).toBeGreaterThan(25)
    expect([...listed.keys()].toSorted()).toEqual([...told.keys()].toSorted())
    for (const [name, id] of told) if (id !== undefined) expect(listed.get(name), name).toBe(id)
  })

  test('lists every command', () => {
    const text = section('Commands')
    expect(verbs.size).toBeGreaterThan(10)
    expect([...verbs.keys()].filter((name) => !text.includes(`\`ancmd ${name}`))).toEqual([])
  })

  test('lists every option of every command, and none that there is not', async () => {
    const written = new Set(Array.from(section('Commands').matchAll(/--([a-z][a-z-]*)/g), ([, name]) => name as string))
    const loaded = await Promise.all([...verbs.values()].map((entry) => entry.load()))
    const specs = loaded.flatMap(({ options }) => options)
    const known = [...specs.map(({ name }) => name), 'version', 'help']
    expect(specs.filter(({ name, later }) => later === undefined && !written.has(name))).toEqual([])
    expect([...written].filter((name) => !known.includes(name))).toEqual([])
  })

  test('draws the rooms of src with their ranks', () => {
    const drawn = [...section('The code').matchAll(/^(\d) {2}(.+)$/gm)].flatMap(([, rank, names]) => {
      return (names as string).split(/\s+/).map((name) => [name, Number(rank)] as const)
    })
    const rooms = readdirSync(`${top}src`, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(Object.fromEntries(drawn)).toEqual(Object.fromEntries(rooms.map(({ name }) => [name, ranks[name]])))
    expect(readme).toContain(`\`src/\` has ${['eleven', 'twelve', 'thirteen'][rooms.length - 11] ?? ''} rooms`)
  })
})

describe('CONTRIBUTING.md', () => {
  const recipes = readFileSync(`${top}CONTRIBUTING.md`, 'utf8')

  test('names files that are there, but for those that a recipe makes', () => {
    const named = Array.from(
      recipes.matchAll(/`((?:src|test|config)\/[^`*]*?)`(?! \*new\*)/g),
      ([, path]) => path as string,
    )
    expect(named.length).toBeGreaterThan(40)
    expect(named.filter((path) => !existsSync(`${top}${path}`))).toEqual([])
    const made = Array.from(recipes.matchAll(/`([^`]+)` \*new\*/g), ([, path]) => path as string)
    expect(made.filter((path) => existsSync(`${top}${path}`))).toEqual([])
  })

  test('proves its recipes by test files that are there', () => {
    const commands = recipes.split('\n').filter((line) => /^`npx vitest /.test(line))
    expect(commands.length).toBeGreaterThan(8)
    const paths = commands.flatMap((command) => command.match(/\btest\/(?!vitest)[\w./-]+/g) ?? [])
    expect(paths.filter((path) => !existsSync(`${top}${path}`))).toEqual([])
  })
})
