import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { claimSocket, type SocketClaim, socketFailureText } from '../../../src/control/socket-claim.ts'
import { defaultPlaces, namedPlace, searchedFolders, type Surroundings } from '../../../src/control/socket-place.ts'
import { temporaryFolder } from '../../support/folders.ts'

const userId = process.geteuid?.() ?? 0

function surroundings(environment: Surroundings['environment'], changes: Partial<Surroundings> = {}): Surroundings {
  return { platform: 'linux', environment, userId, temporaryFolder: '/tmp', pid: process.pid, ...changes }
}

function newServer(): Server {
  const server = createServer()
  onTestFinished(() => {
    server.close()
  })
  return server
}

const claim = (path: string) => claimSocket([namedPlace(path, 'linux')], newServer())
const why = async (outcome: ReturnType<typeof claimSocket>): Promise<string> => {
  const claimed = await outcome
  return claimed.ok ? 'claimed' : claimed.failure.why
}

/** What a daemon leaves that was killed. */
function leaveStale(path: string): void {
  const code = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  spawnSync(process.execPath, ['-e', code])
  expect(statSync(path).isSocket()).toBe(true)
}

describe.runIf(process.platform === 'linux')('a control socket', () => {
  test('has rights for its owner, and for the group where the folder lets it in and nobody else', async () => {
    const folder = await temporaryFolder()
    for (const [mode, rights] of [
      [0o700, 0o600],
      [0o750, 0o660],
      [0o755, 0o600],
    ] as const) {
      chmodSync(folder, mode)
      const claimed = await claim(join(folder, `s${String(mode)}.sock`))
      expect(claimed.ok && statSync(claimed.value.path).mode & 0o777).toBe(rights)
    }
  })

  test('takes the place of what a killed daemon left, and only one of many daemons at once gets it', async () => {
    const path = join(await temporaryFolder(), 'control.sock')
    leaveStale(path)
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => why(claim(path))))
    expect(outcomes.toSorted()).toEqual(['claimed', ...Array.from({ length: 7 }, () => 'in-use')])
  })

  test('of a second daemon in a default place has its own name; what a killed second one left is swept away', async () => {
    const folder = await temporaryFolder()
    leaveStale(join(folder, 'control-4711.sock'))
    const places = defaultPlaces(surroundings({ RUNTIME_DIRECTORY: folder }))
    const [one, other] = [await claimSocket(places, newServer()), await claimSocket(places, newServer())]
    const paths = [one, other].map((claimed) => (claimed.ok ? claimed.value.path : undefined))
    expect(paths).toEqual([join(folder, 'control.sock'), join(folder, `control-${String(process.pid)}.sock`)])
    expect(other.ok && other.value.takenPath).toBe(join(folder, 'control.sock'))
    expect(existsSync(join(folder, 'control-4711.sock'))).toBe(false)
    for (const claimed of [one, other]) (claimed as { value: SocketClaim }).value.release()
    expect(paths.some((path) => existsSync(path ?? ''))).toBe(false)
  })

  test('does not take away the socket of a daemon that came after it', async () => {
    const path = join(await temporaryFolder(), 'control.sock')
    const [server, claimed] = [newServer(), await claim(path)]
    leaveStale(join(path, '..', 'other.sock'))
    spawnSync('mv', ['-f', join(path, '..', 'other.sock'), path])
    if (claimed.ok) claimed.value.release()
    expect(existsSync(path)).toBe(true)
    server.close()
  })

  test('is refused where a file is, where the path is too long and where there is no folder', async () => {
    const folder = await temporaryFolder()
    const file = join(folder, 'notes.txt')
    writeFileSync(file, 'mine')
    expect(await why(claim(file))).toBe('no-socket')
    expect(existsSync(file)).toBe(true)
    expect(await why(claim(join(folder, 'x'.repeat(100))))).toBe('path-too-long')
    expect(await why(claim('/nowhere/control.sock'))).toBe('no-folder')
    expect(socketFailureText({ why: 'path-too-long', path: '/x' })).toContain('--control')
  })

  test.runIf(userId === 0)('is refused in a folder under the temporary one that somebody else has made', async () => {
    const temporary = await temporaryFolder()
    const places = defaultPlaces(surroundings({}, { userId: 1000, temporaryFolder: temporary }))
    mkdirSync(join(temporary, 'ancmd-1000'), { mode: 0o777 })
    chownSync(join(temporary, 'ancmd-1000'), 1234, 1234)
    expect(await why(claimSocket(places, newServer()))).toBe('unsafe-folder')
    expect(searchedFolders(surroundings({}, { userId: 1000, temporaryFolder: temporary }))).toEqual(['/run/ancmd'])
  })

  test.runIf(userId === 0)('is refused where the folder is a symbolic link', async () => {
    const temporary = await temporaryFolder()
    mkdirSync(join(temporary, 'elsewhere'))
    symlinkSync(join(temporary, 'elsewhere'), join(temporary, 'ancmd-0'))
    const places = defaultPlaces(surroundings({}, { temporaryFolder: temporary })).slice(-1)
    expect(await why(claimSocket(places, newServer()))).toBe('unsafe-folder')
  })
})

describe('the default places', () => {
  const paths = (given: Surroundings) => defaultPlaces(given).map(({ path }) => path)

  test('are the folder of the service manager, else that of the system for root, else the own one of the user', async () => {
    const own = await temporaryFolder()
    chmodSync(own, 0o700)
    expect(paths(surroundings({ RUNTIME_DIRECTORY: '/run/a:/run/b' }))).toEqual(['/run/a/control.sock'])
    expect(paths(surroundings({}, { userId: 0 }))).toEqual(['/run/ancmd/control.sock', '/tmp/ancmd-0/control.sock'])
    const notOwn = surroundings({ XDG_RUNTIME_DIR: own }, { userId: 4711 })
    expect(paths(notOwn)).toEqual(['/tmp/ancmd-4711/control.sock'])
    expect(paths(surroundings({}, { platform: 'win32' }))).toEqual(['\\\\.\\pipe\\ancmd-control'])
  })
})
