// What is asked, and what the engine may cost as a multiple of nginx in the same round.
const browser = [
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8',
  'Accept-Language: en-GB,en;q=0.9,de;q=0.8,fr;q=0.7',
  'Accept-Encoding: gzip, deflate, br, zstd',
  'Cache-Control: max-age=0',
  'Sec-Ch-Ua: "Chromium";v="141", "Not?A_Brand";v="8"',
  'Sec-Ch-Ua-Mobile: ?0',
  'Sec-Ch-Ua-Platform: "Linux"',
  'Sec-Fetch-Dest: document',
  'Sec-Fetch-Mode: navigate',
  'Sec-Fetch-Site: same-origin',
  'Sec-Fetch-User: ?1',
  'Upgrade-Insecure-Requests: 1',
  'Cookie: .AspNetCore.Session=CfDJ8Nq3kq0Yk2dJm1mJ0a7wq3m2p9r8s7t6u5v4w3x2y1z0; theme=dark; consent=yes',
  'Referer: https://shop.example.org/catalogue/page/2?sort=price',
]

const post = (bytes) =>
  `wrk.method = "POST"\nwrk.body = string.rep("x", ${bytes})\nwrk.headers["Content-Type"] = "application/octet-stream"\n`

export const scenarios = {
  plaintext: { path: '/plaintext', connections: 64, goal: 1.2 },
  browser: { path: '/plaintext', connections: 64, headers: browser, goal: 1.2 },
  '16k': { path: '/16k', connections: 64, goal: 1.1 },
  chunked: { path: '/chunked', connections: 64, goal: 1.2 },
  'post-1k': { path: '/upload', connections: 64, lua: post(1024), goal: 1.25 },
  'post-64k': { path: '/upload', connections: 64, lua: post(65536), goal: 0.9 },
  '1m': { path: '/1m', connections: 16, goal: 0.75 },
  close: { path: '/plaintext', connections: 64, headers: ['Connection: close'], goal: 1.7 },
  c1: { path: '/plaintext', connections: 1, oneCore: true, goal: 1.4 },
}
