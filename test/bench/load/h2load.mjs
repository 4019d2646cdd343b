// h2load, for HTTP/2 over TLS: what it is told, and what it says.

/** Concurrent requests of each connection. */
export const streams = 16

/** `connections` is the number of concurrent requests. `data` names a file that is sent as the body, where there is one. */
export function h2loadCommand({ port, path, connections, seconds, headers = {} }, data) {
  return [
    'h2load',
    `--clients=${Math.ceil(connections / streams)}`,
    `--max-concurrent-streams=${streams}`,
    `--duration=${seconds}`,
    ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]),
    ...(data === undefined ? [] : [`--data=${data}`]),
    `--connect-to=127.0.0.1:${port}`,
    `https://localhost:${port}${path}`,
  ]
}

/**
 * {requests, errors, p50, p99}; it tells no percentiles, so these are not numbers. A session that was not HTTP/2 is an
 * error.
 */
export function parseH2load(output) {
  const [, succeeded, failed, errored, timeouts] =
    /^requests: .* (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout/m.exec(output)?.map(Number) ?? []
  const refused = /^status codes: .* (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/m.exec(output)?.slice(1).map(Number) ?? []
  const otherProtocol = /^Application protocol: h2$/m.test(output) ? 0 : 1
  // What errored or ran out of time has failed too.
  const unanswered = Math.max(failed ?? 0, errored ?? 0, timeouts ?? 0)
  const errors = refused.reduce((sum, count) => sum + count, unanswered + otherProtocol)
  return { requests: succeeded ?? 0, errors, p50: Number.NaN, p99: Number.NaN }
}
