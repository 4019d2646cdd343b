/** The bytes of a request, as every connection sends them again and again. `body` is a number of bytes. */
export function requestBytes({ path, port, headers = {}, body, tls = false }) {
  const fields = { Host: `${tls ? 'localhost' : '127.0.0.1'}:${port}`, ...headers }
  if (body !== undefined) Object.assign(fields, { 'Content-Type': 'application/octet-stream', 'Content-Length': body })
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  const method = body === undefined ? 'GET' : 'POST'
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${'x'.repeat(body ?? 0)}`, 'latin1')
}
