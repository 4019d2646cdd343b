import { execFile, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { atTheEnd } from '../support/ending.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, temporaryFolder } from '../support/folders.ts'
import { freePort } from '../support/free-port.ts'
import { startWithHostFile } from '../support/host-file.ts'
import { makeCertificate } from '../support/openssl.ts'
import { hasProgram, program } from '../support/programs.ts'
import { informationIn } from '../support/send.ts'

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' })
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => {
      resolve(false)
    })
  })
}

/** Starts HAProxy, which passes what comes on each first port to the second, behind a PROXY header of this version. */
async function startHaproxy(version: 'send-proxy' | 'send-proxy-v2', ports: readonly (readonly [number, number])[]) {
  const file = join(await temporaryFolder(), 'haproxy.cfg')
  const lists = ports.map(([from, to], i) => {
    const name = `pass${String(i)}`
    return `listen ${name}\n  bind 127.0.0.1:${String(from)}\n  server app 127.0.0.1:${String(to)} ${version}\n`
  })
  const times = 'defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n'
  await writeFile(file, times + lists.join(''))
  const child = spawn(program('haproxy'), ['-db', '-f', file], { stdio: 'ignore' })
  const closed = new Promise((resolve) => child.on('close', resolve).on('error', resolve))
  atTheEnd(async () => {
    child.kill('SIGKILL')
    await closed
  })
  for (const [from] of ports) await eventually('HAProxy listens', () => accepts(from), 10_000)
}

test.runIf(hasProgram('haproxy') && hasProgram('curl')).each(['send-proxy', 'send-proxy-v2'] as const)(
  'behind HAProxy with %s an app sees the client itself, over http, https and HTTP/2',
  async (version) => {
    const [http, https] = [await freePort(), await freePort()]
    const { cert, key } = await makeCertificate()
    const place = (port: number): string => `bindingInformation="127.0.0.1:${String(port)}:" proxyProtocol="true"`
    const bindings =
      `<binding protocol="http" ${place(http)} />` +
      `<binding protocol="https" ${place(https)} certificate="${cert}" key="${key}" />`
    const configuration = '<ancmd><trustedProxies><add ipAddress="127.0.0.1" /></trustedProxies></ancmd>'
    await startWithHostFile({ folder: await copyApp('node-twin'), bindings, configuration })
    const [front, secureFront] = [await freePort(), await freePort()]
    await startHaproxy(version, [
      [front, http],
      [secureFront, https],
    ])
    // The whole of 127.0.0.0/8 is this machine, so the client has an address that neither proxy has.
    const ask = async (url: string, ...more: readonly string[]) => {
      const args = ['-s', '-k', '--max-time', '20', '--interface', '127.0.0.9', ...more, `${url}/RequestInformation`]
      const { stdout } = await promisify(execFile)(program('curl'), args)
      const { Remote, Scheme } = informationIn(stdout)
      return `${Scheme} ${Remote.split(' ')[0] ?? ''}`
    }
    expect(await ask(`http://127.0.0.1:${String(front)}`)).toBe('http 127.0.0.9')
    const url = `https://127.0.0.1:${String(secureFront)}`
    expect(await ask(url, '--http1.1')).toBe('https 127.0.0.9')
    expect(await ask(url, '--http2')).toBe('https 127.0.0.9')
    // Who does not come by the proxy has no header.
    await expect(ask(`http://127.0.0.1:${String(http)}`)).rejects.toThrow()
  },
  60_000,
)
