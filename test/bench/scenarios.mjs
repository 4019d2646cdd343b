// What is asked of every peer.
const browser = {
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8',
  'Accept-Language': 'en-GB,en;q=0.9,de;q=0.8,fr;q=0.7',
  'Accept-Encoding': 'gzip, deflate, br, zstd',
  'Cache-Control': 'max-age=0',
  'Sec-Ch-Ua': '"Chromium";v="141", "Not?A_Brand";v="8"',
  'Sec-Ch-Ua-Mobile': '?0',
  'Sec-Ch-Ua-Platform': '"Linux"',
  'Sec-Fetch-Dest': 'document',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Site': 'same-origin',
  'Sec-Fetch-User': '?1',
  'Upgrade-Insecure-Requests': '1',
  Cookie: '.AspNetCore.Session=CfDJ8Nq3kq0Yk2dJm1mJ0a7wq3m2p9r8s7t6u5v4w3x2y1z0; theme=dark; consent=yes',
  Referer: 'https://shop.example.org/catalogue/page/2?sort=price',
}

/**
 * `kind`: `load` is CPU per request under load, `latency` the same with one connection and everything on one core,
 * `echo` WebSocket messages, `memory` idle connections, `start` the first request. `body` is a number of bytes. With `tls`
 * the peers are asked over TLS, with `http2` in that protocol too; `fullHandshakes` resumes no session of TLS. `peers` names
 * those that take part; without it all do.
 */
export const scenarios = {
  plaintext: { kind: 'load', title: 'GET 13 bytes', path: '/plaintext', connections: 64 },
  browser: {
    kind: 'load',
    title: "GET 13 bytes, a browser's headers",
    path: '/plaintext',
    connections: 64,
    headers: browser,
  },
  '16k': { kind: 'load', title: 'GET 16 KiB', path: '/16k', connections: 64 },
  '1m': { kind: 'load', title: 'GET 1 MiB', path: '/1m', connections: 16 },
  gzip: {
    kind: 'load',
    title: 'GET a page of 35 KB, compressed by those that say so',
    path: '/page',
    connections: 64,
    headers: { 'Accept-Encoding': 'gzip' },
    peers: ['ancmd', 'ancmd-gzip', 'nginx', 'nginx-gzip'],
  },
  chunked: { kind: 'load', title: 'GET 10 chunks of 100 bytes', path: '/chunked', connections: 64 },
  'post-1k': { kind: 'load', title: 'POST 1 KiB', path: '/upload', connections: 64, body: 1024 },
  'post-64k': { kind: 'load', title: 'POST 64 KiB', path: '/upload', connections: 64, body: 65_536 },
  close: {
    kind: 'load',
    title: 'a new connection for each GET',
    path: '/plaintext',
    connections: 64,
    headers: { Connection: 'close' },
  },
  c1: { kind: 'latency', title: 'one connection, all on one core', path: '/plaintext', connections: 1 },
  websocket: { kind: 'echo', title: 'WebSocket echo of 64 bytes', path: '/echo', connections: 64 },
  idle: { kind: 'memory', title: 'idle keep-alive connections', path: '/plaintext', connections: 2000 },
  start: { kind: 'start', title: 'first request after the start', path: '/plaintext', connections: 1 },
  tls: { kind: 'load', title: 'GET 13 bytes over TLS', path: '/plaintext', connections: 64, tls: true },
  'tls-1m': { kind: 'load', title: 'GET 1 MiB over TLS', path: '/1m', connections: 16, tls: true },
  'tls-new': {
    kind: 'load',
    title: 'a new TLS connection with a full handshake for each GET',
    path: '/plaintext',
    connections: 16,
    headers: { Connection: 'close' },
    tls: true,
    fullHandshakes: true,
  },
  h2: { kind: 'load', title: 'HTTP/2, GET 13 bytes', path: '/plaintext', connections: 64, tls: true, http2: true },
  'h2-post-64k': {
    kind: 'load',
    title: 'HTTP/2, POST 64 KiB',
    path: '/upload',
    connections: 64,
    body: 65_536,
    tls: true,
    http2: true,
  },
}
