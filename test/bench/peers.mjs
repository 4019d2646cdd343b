// Who is measured: programs that listen on one port of 127.0.0.1 and forward to another.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publish } from '../../config/scripts/publish-test-apps.mjs'
import { top } from '../../config/scripts/setup.mjs'
import { token, tokenFields } from './app.mjs'
import { freePort, scratch, start, untilListening } from './children.mjs'
import {
  caddyConfiguration,
  haproxyConfiguration,
  nginxConfiguration,
  nginxGzip,
  webConfig,
} from './peers/configurations.mjs'
import { dynamicCompression, tenHeaders, twentyRules } from './peers/sections.mjs'
import { isInstalled, versionOf } from './programs.mjs'

const script = (name) => fileURLToPath(new URL(`peers/${name}.mjs`, import.meta.url))
const before = process.env.ANCMD_BEFORE
const packageVersion = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version

/**
 * `prepare()` says why the peer is absent, if it is; `command(place)` starts it, where place is {port, up, token, folder, app,
 * tls}, `app` being the command by which a daemon starts its app, and `tls` the certificate (certificate.mjs) if the peer
 * listens for TLS, which it can if it `servesTls`. `owns(name)` tells which child processes are part of the proxy. `fields` is
 * what the load must send because the peer adds nothing. `only` names the scenarios that the peer is for; without it, all.
 */
export const catalogue = {
  ancmd: daemon('wire'),
  'ancmd-headers': daemon('wire', tenHeaders),
  'ancmd-rules': { ...daemon('wire', twentyRules), only: ['plaintext', 'browser'] },
  'ancmd-admin': { ...daemon('wire', '', top, admin), only: ['plaintext', 'browser'] },
  'ancmd-log': { ...daemon('wire', '', top, accessLog), only: ['plaintext', 'browser'] },
  'ancmd-gzip': { ...daemon('wire', dynamicCompression), only: ['gzip'] },
  'ancmd-before': { ...daemon('wire', '', before ?? top), prepare: whyNoBefore },
  'ancmd-http-proxy': daemon('http-proxy'),
  nginx: server('nginx', ['-v'], (place) => [
    'nginx',
    '-p',
    place.folder,
    '-c',
    file(place, nginxConfiguration(place)),
  ]),
  'nginx-gzip': {
    ...server('nginx', ['-v'], (place) => [
      'nginx',
      '-p',
      place.folder,
      '-c',
      file(place, nginxConfiguration(place, nginxGzip)),
    ]),
    only: ['gzip'],
  },
  haproxy: server('haproxy', ['-v'], (place) => ['haproxy', '-f', file(place, haproxyConfiguration(place))]),
  caddy: {
    ...server('caddy', ['version'], (place) => [
      'caddy',
      'run',
      '--adapter',
      'caddyfile',
      '--config',
      file(place, caddyConfiguration(place)),
    ]),
    env: ({ folder }) => ({ GOMAXPROCS: '1', HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }),
  },
  yarp: yarp(),
  'http-proxy-agent': httpProxy({ folder: oldHttpProxy, keepAlive: true }),
  'http-proxy': httpProxy({ folder: oldHttpProxy, keepAlive: false }),
  'http-proxy-3': httpProxy({ folder: () => join(top, 'node_modules/http-proxy'), keepAlive: true }),
  'relay-raw': relay('relay-raw'),
  'relay-pipe': relay('relay-pipe'),
}

/** The daemon of another checkout, built: an older revision beside this one. */
function whyNoBefore() {
  if (before === undefined) return 'ANCMD_BEFORE names no checkout'
  return existsSync(join(before, 'dist/main.js')) ? undefined : `${before} has no dist: npm ci && npm run build there`
}

/** Whether a peer takes part in a scenario, which may name its peers too. */
export const takesPart = (peer, scenario, name) =>
  (catalogue[peer].only?.includes(name) ?? true) && (scenario.peers?.includes(peer) ?? true)

/** The status page and the metrics, in the daemon that is measured. */
async function admin() {
  return ['--admin', `127.0.0.1:${await freePort()}`]
}

function accessLog({ folder }) {
  return ['--access-log', join(folder, 'access.log')]
}

function daemon(engine, sections = '', checkout = top, more = () => []) {
  return {
    isDotnet: true,
    servesTls: true,
    version: () => packageVersion(checkout),
    // Its app is a child of the daemon too, but no part of the proxy; its guard is a shell.
    owns: (name) => name === 'sh',
    command: async (place) => {
      const { port, folder, app, tls } = place
      writeFileSync(join(folder, 'web.config'), webConfig(app, sections))
      const main = [process.execPath, join(checkout, 'dist/main.js'), 'run', folder, ...listeners(port, tls)]
      const quiet = ['--host', '127.0.0.1', '--log-format', 'json', '--app-output', 'off', '--engine', engine]
      return [...main, ...quiet, ...(await more(place))]
    },
  }
}

/** With TLS there is a plain listener too, on any port, so that `--https-port` need not stand alone. */
function listeners(port, tls) {
  if (tls === undefined) return ['--port', String(port)]
  return ['--port', '0', '--https-port', String(port), '--cert', tls.certificate, '--key', tls.key]
}

function server(program, versionArguments, command) {
  return {
    servesTls: true,
    prepare: () => (isInstalled(program) ? undefined : `${program} is not installed`),
    version: () => versionOf(program, ...versionArguments),
    command,
  }
}

function file({ folder }, text) {
  const path = join(folder, 'configuration')
  writeFileSync(path, text)
  return path
}

function yarp() {
  let published
  return {
    isDotnet: true,
    servesTls: true,
    env: ({ tls }) => (tls === undefined ? {} : { BENCH_CERTIFICATE: tls.certificate, BENCH_KEY: tls.key }),
    async prepare() {
      try {
        ;[[, published]] = await publish(['bench-yarp'])
      } catch (error) {
        return `its package cannot be restored: ${/error .*/.exec(error.message)?.[0] ?? error.message}`
      }
    },
    version: () =>
      /"Yarp.ReverseProxy" Version="\[(.+)\]"/.exec(
        readFileSync(join(top, 'test/bench/yarp/Yarp.csproj'), 'utf8'),
      )?.[1],
    command: () => ['dotnet', join(published, 'Yarp.dll')],
  }
}

function httpProxy({ folder, keepAlive }) {
  let place
  return {
    prepare() {
      try {
        place = folder()
      } catch (error) {
        return `npm cannot install it: ${
          String(error.stderr ?? error.message)
            .trim()
            .split('\n')[0]
        }`
      }
    },
    version: () => packageVersion(place),
    command: () => [process.execPath, script('http-proxy')],
    env: () => ({ PACKAGE: place, KEEP_ALIVE: keepAlive ? '1' : '0' }),
  }
}

/** The package of that name has had no release since 2020, so it is in no lock file; it is installed for the bench alone. */
function oldHttpProxy() {
  const prefix = join(top, '.cache/bench')
  const folder = join(prefix, 'node_modules/http-proxy')
  if (existsSync(folder)) return folder
  mkdirSync(prefix, { recursive: true })
  const args = ['install', '--prefix', prefix, '--no-audit', '--no-fund', '--no-save', 'http-proxy@1.18.1']
  execFileSync('npm', args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 60_000 })
  return folder
}

function relay(name) {
  return { fields: tokenFields, version: () => process.versions.node, command: () => [process.execPath, script(name)] }
}

/** Starts one of them in front of the app, listening for TLS if a certificate `tls` is given; {name, port, child, fields, tls, …}. */
export async function startPeer(name, { up, app, core, tls }) {
  const { fields = {}, owns, isDotnet = false, command, env } = catalogue[name]
  const place = { port: await freePort(), up, token, app, folder: mkdtempSync(join(scratch, `${name}-`)), tls }
  // Not PORT: that is a setting of the IIS integration as well, and the app inherits what the daemon has.
  const given = { BENCH_PORT: String(place.port), BENCH_UP: String(up), BENCH_TOKEN: token, ...env?.(place) }
  const child = start(await command(place), { env: given, core })
  await untilListening(child, place.port)
  return { name, port: place.port, child, fields, owns, isDotnet, tls }
}
