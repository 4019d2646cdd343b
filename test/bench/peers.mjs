// Who is measured: each peer is a program that listens on PORT and forwards to UP on 127.0.0.1.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
export const token = '0123456789abcdef'.repeat(4)

const installed = (program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0

/** Name → (port, upstream port, scratch folder) → [program, …arguments] or undefined when it is not installed. */
export const peers = {
  wire: () => [process.execPath, join(here, 'proxy.mjs')],
  relay: () => [process.execPath, join(here, 'relay.mjs')],
  nginx: (port, up, scratch) => {
    if (!installed('nginx')) return undefined
    writeFileSync(join(scratch, 'nginx.conf'), nginxConfig(port, up, scratch))
    return ['nginx', '-p', scratch, '-c', join(scratch, 'nginx.conf')]
  },
  haproxy: (port, up, scratch) => {
    if (!installed('haproxy')) return undefined
    writeFileSync(join(scratch, 'haproxy.cfg'), haproxyConfig(port, up))
    return ['haproxy', '-f', join(scratch, 'haproxy.cfg')]
  },
}

const nginxConfig = (
  port,
  up,
  scratch,
) => `daemon off; master_process off; pid ${scratch}/nginx.pid; error_log ${scratch}/nginx.err;
events { worker_connections 8192; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s; client_max_body_size 0;
  client_body_temp_path ${scratch}/b; proxy_temp_path ${scratch}/p; fastcgi_temp_path ${scratch}/f; uwsgi_temp_path ${scratch}/u; scgi_temp_path ${scratch}/s;
  upstream app { server 127.0.0.1:${up}; keepalive 256; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For "$proxy_add_x_forwarded_for:$remote_port"; proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header MS-ASPNETCORE-TOKEN ${token};
    }
  }
}
`

const haproxyConfig = (port, up) => `global
  maxconn 8000
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  option http-keep-alive
  http-reuse always
frontend f
  bind 127.0.0.1:${port}
  http-request set-header MS-ASPNETCORE-TOKEN ${token}
  http-request add-header X-Forwarded-For %ci:%cp
  http-request add-header X-Forwarded-Proto http
  default_backend b
backend b
  server app 127.0.0.1:${up} pool-max-conn 256
`

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

const listens = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true) || socket.destroy())
    socket.once('error', () => resolve(false))
  })

/** Starts a program on one core and waits until it listens. */
export async function start(command, env, port, core) {
  const pinned = core === undefined ? command : ['taskset', '-c', String(core), ...command]
  const child = spawn(pinned[0], pinned.slice(1), {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  for (let tries = 0; tries < 200; tries++) {
    if (await listens(port)) return child
    if (child.exitCode !== null) throw new Error(`${command.join(' ')} ended with ${child.exitCode}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  child.kill()
  throw new Error(`${command.join(' ')} does not listen on ${port}`)
}

export async function startPeer(name, command, up, scratch, core) {
  const folder = join(scratch, name)
  mkdirSync(folder)
  const port = await freePort()
  const line = command ?? peers[name]?.(port, up, folder)
  if (line === undefined) return undefined
  const child = await start(line, { PORT: String(port), UP: String(up), TOKEN: token }, port, core)
  return { name, port, child }
}
