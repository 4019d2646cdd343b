// wrk, where it is installed: what it is told, and what it says.

/** `lua` names a file that will hold `wrkScript(body)`, where there is a body. */
export function wrkCommand({ port, path, connections, seconds, headers = {}, tls = false }, lua) {
  return [
    'wrk',
    '-t1',
    `-c${connections}`,
    `-d${seconds}s`,
    '--latency',
    ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    ...(lua === undefined ? [] : ['-s', lua]),
    // The certificate is for that name; an address is no name that TLS could send.
    `${tls ? 'https://localhost' : 'http://127.0.0.1'}:${port}${path}`,
  ]
}

export const wrkScript = (body) =>
  `wrk.method = "POST"\nwrk.body = string.rep("x", ${body})\nwrk.headers["Content-Type"] = "application/octet-stream"\n`

/** {requests, errors, p50, p99}, times in microseconds. */
export function parseWrk(output) {
  const socketErrors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output) ?? []
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0)
  return {
    requests: Number(/(\d+) requests in/.exec(output)?.[1] ?? 0),
    errors: socketErrors.slice(1).reduce((sum, count) => sum + Number(count), refused),
    p50: microseconds(/^ +50% +(\S+)/m.exec(output)?.[1]),
    p99: microseconds(/^ +99% +(\S+)/m.exec(output)?.[1]),
  }
}

const units = { us: 1, ms: 1000, s: 1_000_000, m: 60_000_000 }

function microseconds(text = '') {
  const [, amount, unit] = /^([\d.]+)(us|ms|s|m)$/.exec(text) ?? []
  return unit === undefined ? Number.NaN : Number(amount) * units[unit]
}
