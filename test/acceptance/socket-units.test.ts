import { Agent, get } from 'node:http'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { Daemon } from '../support/daemon.ts'
import { atTheEnd } from '../support/ending.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder, top } from '../support/folders.ts'
import { freePort } from '../support/free-port.ts'
import { hasProgram, program } from '../support/programs.ts'

const holder = fileURLToPath(new URL('../support/service/socket-holder.py', import.meta.url))

/** A host file with the sample app, which needs only Node, on these ports of the loopback. */
function hostFile(ports: readonly number[]): string {
  const bindings = ports.map((port) => `<binding protocol="http" bindingInformation="127.0.0.1:${String(port)}:" />`)
  return (
    `<configuration><system.applicationHost><sites><site name="one" id="1"><application path="/">` +
    `<virtualDirectory path="/" physicalPath="${top}/config/sample" /></application>` +
    `<bindings>${bindings.join('')}</bindings></site></sites></system.applicationHost></configuration>`
  )
}

interface Service {
  readonly daemon: Daemon
  readonly file: string
}

/** The daemon, started by a program that has opened the ports `held`. */
async function startHeld(held: readonly number[], bound: readonly number[]): Promise<Service> {
  const file = join(await temporaryFolder(), 'ancmd.config')
  await writeFile(file, hostFile(bound))
  const sockets = held.map((port, i) => `unit${String(i)}=127.0.0.1:${String(port)}`)
  const daemon = new Daemon(['run', '--config', file, '--log-format', 'json', '--log-level', 'debug'], {
    through: [program('python3'), holder, ...sockets, '--'],
  })
  atTheEnd(() => daemon.end())
  await daemon.event('listening')
  await eventually('listens', () => daemon.seen('listening').length === bound.length, 20_000)
  return { daemon, file }
}

/** The status of a GET, or the code of the error. */
function ask(port: number, agent: Agent | false): Promise<number | string> {
  return new Promise((resolve) => {
    get({ port, host: '127.0.0.1', path: '/', agent }, (response) => {
      response.once('error', () => {
        resolve('broken')
      })
      response.resume().once('end', () => {
        resolve(response.statusCode ?? 0)
      })
    }).once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message)
    })
  })
}

describe.skipIf(!hasProgram('python3'))('sockets that the service manager has opened', () => {
  test('a restart under load refuses and resets nobody', async () => {
    const port = await freePort()
    const { daemon } = await startHeld([port], [port])
    const kept = new Agent({ keepAlive: true, maxSockets: 2 })
    atTheEnd(() => {
      kept.destroy()
    })
    const answers = new Map<number | string, number>()
    let isOver = false
    const loop = async (agent: Agent | false): Promise<void> => {
      while (!isOver) {
        const answer = await ask(port, agent)
        answers.set(answer, (answers.get(answer) ?? 0) + 1)
      }
    }
    const loops = [...Array.from({ length: 6 }, () => loop(false)), loop(kept), loop(kept)]
    const enough = (more: number): Promise<unknown> => {
      const wanted = (answers.get(200) ?? 0) + more
      return eventually('requests are answered', () => (answers.get(200) ?? 0) >= wanted, 30_000)
    }
    await enough(50)
    for (let restarts = 1; restarts <= 3; restarts++) {
      daemon.signal('SIGUSR1')
      await eventually('the next daemon listens', () => daemon.seen('listening').length === restarts + 1, 40_000)
      await enough(50)
    }
    isOver = true
    await Promise.all(loops)
    expect([...answers.keys()]).toEqual([200])
    expect(daemon.seen('stopped')).toHaveLength(3)
    expect(await daemon.stop()).toBe(0)
  })

  test('a binding that a reload takes away and another one brings back', async () => {
    const [first, second] = [await freePort(), await freePort()]
    const { daemon, file } = await startHeld([first, second], [first, second])
    expect(daemon.seen('socketNotInherited')).toEqual([])
    await writeFile(file, hostFile([first]))
    const { place, name } = await daemon.event('socketUnused')
    expect({ place, name }).toEqual({ place: `127.0.0.1:${String(second)}`, name: 'unit1' })
    expect(await ask(second, false)).toBe('ECONNRESET')
    expect(await ask(first, false)).toBe(200)
    await writeFile(file, hostFile([first, second]))
    await eventually('is served again', async () => (await ask(second, false)) === 200)
    expect(daemon.seen('socketNotInherited')).toEqual([])
    expect(await daemon.stop()).toBe(0)
  })

  test('a socket without a binding, and a binding without a socket, are told', async () => {
    const [held, bound] = [await freePort(), await freePort()]
    const { daemon } = await startHeld([held], [bound])
    expect(await daemon.event('socketUnused')).toMatchObject({ place: `127.0.0.1:${String(held)}`, fd: 3 })
    expect(await daemon.event('socketNotInherited')).toMatchObject({ url: `http://127.0.0.1:${String(bound)}` })
    expect(await ask(held, false)).toBe('ECONNRESET')
    expect(await ask(bound, false)).toBe(200)
    expect(await daemon.stop()).toBe(0)
  })
})
