import { describe, expect, test } from 'vitest'
import { readLogsPlan } from '../../../src/cli/logs.ts'
import { OutputPrinter } from '../../../src/cli/logs/output-printer.ts'

describe('the options of logs', () => {
  test.each([
    [[], { wanted: undefined, follows: false, lines: 100, sinceMs: undefined, form: undefined }],
    [['shop/api', '-f', '-n', '5'], { wanted: 'shop/api', follows: true, lines: 5 }],
    [['-fn5', '--json'], { follows: true, lines: 5, form: 'json' }],
    [['--follow', '--lines=0', '--prefix'], { follows: true, lines: 0, form: 'prefix' }],
    [['--since', '10m'], { lines: undefined, sinceMs: 600_000 }],
    [['--since', '90'], { sinceMs: 90_000 }],
    [['--since', '1.5h', '-n', '7'], { lines: 7, sinceMs: 5_400_000 }],
    [['--since', '500ms'], { sinceMs: 500 }],
    [['--since', '7d'], { sinceMs: 604_800_000 }],
  ])('%j are understood', (args, expected) => {
    const plan = readLogsPlan(args)
    expect(plan.ok && plan.value).toMatchObject(expected)
  })

  test.each([
    [['-n', 'many'], 'whole number'],
    [['-n', '-1'], 'lines'],
    [['-n'], 'needs a value'],
    [['--since', 'yesterday'], "not 'yesterday'"],
    [['--since', '0s'], "not '0s'"],
    [['--since', '10 m'], "not '10 m'"],
    [['--json', '--prefix'], 'do not go together'],
    [['--config', 'a', '--control', 'b'], 'do not go together'],
    [['one', 'two'], "'two'"],
    [['-x'], '-x'],
  ])('%j are refused with the reason', (args, expected) => {
    const plan = readLogsPlan(args)
    expect(plan.ok ? '' : plan.failure.message).toContain(expected)
  })
})

describe('what is printed', () => {
  const names = new Map([
    ['/lm/w3svc/1/root', '/'],
    ['/lm/w3svc/1/root/größe', '/größe'],
  ])
  const piece = (app: string, text: string, source = app): { app: string; source: string; bytes: Uint8Array } => {
    return { app, source, bytes: Buffer.from(text) }
  }
  const [root, sub] = ['/LM/W3SVC/1/ROOT', '/LM/W3SVC/1/ROOT/Größe']

  test('has a name before each line, and no line goes on in another', () => {
    const printer = new OutputPrinter('prefix', names)
    const printed = [
      printer.print([piece(root, 'one\ntwo\n'), piece(sub, 'π\nhalf')]),
      printer.print([piece(sub, ' and half')]),
      printer.print([piece(root, '\nthree\n'), piece('/LM/W3SVC/9/ROOT/new', 'four\n')]),
    ]
    expect(Buffer.concat(printed).toString()).toBe(
      '/      | one\n/      | two\n/größe | π\n/größe | half and half\n/      | \n/      | three\n/new   | four\n',
    )
  })

  test('as JSON has whole lines, also where they come in pieces', () => {
    const printer = new OutputPrinter('json', names)
    const text = [
      printer.print([{ ...piece(root, 'a "b"\r\nhal'), stream: 'stderr', time: 0 }, piece(sub, 'x\n')]),
      printer.print([piece(root, 'f\nrest')]),
      printer.printGap({ lines: 3, bytes: 30 }),
      printer.end(),
    ].join('')
    const first = { time: '1970-01-01T00:00:00.000Z', app: root, name: '/', stream: 'stderr' }
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { ...first, text: 'a "b"' },
      { app: sub, name: '/größe', text: 'x' },
      { ...first, text: 'half' },
      { lost: { lines: 3, bytes: 30 } },
      { app: root, name: '/', text: 'rest' },
    ])
  })
})
