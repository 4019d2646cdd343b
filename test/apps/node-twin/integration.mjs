// What Microsoft.AspNetCore.Server.IISIntegration does to a request before the app sees it: base path, forwarded
// headers, pairing token, shutdown message.

const token = process.env.ASPNETCORE_TOKEN ?? ''
const applicationPath = (process.env.ASPNETCORE_APPL_PATH ?? '/').replace(/\/$/, '')

/** {refused: status} | {shutdown: true} | {context}: the request as the app's code sees it. */
export function admit(req) {
  const headers = pairs(req.rawHeaders)
  const queryAt = req.url.indexOf('?')
  const decoded = decodeLikeKestrel(queryAt < 0 ? req.url : req.url.slice(0, queryAt))
  const query = queryAt < 0 ? '' : req.url.slice(queryAt)
  const { pathBase, path } = splitBase(decoded)
  const forwarded = applyForwarded(headers, req.socket)
  const tokens = valuesOf(headers, 'ms-aspnetcore-token')
  if (token !== '' && (tokens.length !== 1 || tokens[0] !== token)) return { refused: 400 }
  const event = valuesOf(headers, 'ms-aspnetcore-event')[0]
  if (req.method === 'POST' && path === '/iisintegration' && event?.trim().toLowerCase() === 'shutdown') {
    return { shutdown: true }
  }
  return { context: { pathBase, path, query, ...forwarded } }
}

export function valuesOf(headers, lowerCaseName) {
  return headers.filter(([name]) => name.toLowerCase() === lowerCaseName).map(([, value]) => value)
}

function pairs(raw) {
  const list = []
  for (let i = 0; i < raw.length; i += 2) list.push([raw[i], raw[i + 1]])
  return list
}

/** Percent-escapes as UTF-8, except %2F; what is no UTF-8 stays as written. */
function decodeLikeKestrel(path) {
  return path
    .split(/(%2F)/i)
    .map((part, i) => {
      if (i % 2 === 1) return part
      try {
        return decodeURIComponent(part)
      } catch {
        return part
      }
    })
    .join('')
}

function splitBase(path) {
  const { length } = applicationPath
  const inside =
    path.slice(0, length).toLowerCase() === applicationPath.toLowerCase() && ['/', undefined].includes(path[length])
  return inside ? { pathBase: path.slice(0, length), path: path.slice(length) } : { pathBase: '', path }
}

/** Takes the last entry of X-Forwarded-For and -Proto, leaves the earlier ones, keeps what was in X-Original-*. */
function applyForwarded(headers, socket) {
  let list = headers
  let remote = { address: socket.remoteAddress, port: socket.remotePort }
  let scheme = 'http'
  const take = (name) => {
    const entries = valuesOf(list, name.toLowerCase()).join(',').split(',')
    const last = entries.pop().trim()
    if (last === '') return undefined
    list = list.filter(([other]) => other.toLowerCase() !== name.toLowerCase())
    if (entries.length > 0) list.push([name, entries.map((entry) => entry.trim()).join(', ')])
    return last
  }
  const from = take('X-Forwarded-For')
  if (from !== undefined) {
    list.push(['X-Original-For', `${remote.address}:${remote.port}`])
    const [, v6, v4, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(from) ?? [undefined, undefined, from]
    remote = { address: v6 ?? v4, port: Number(port ?? 0) }
  }
  const proto = take('X-Forwarded-Proto')
  if (proto !== undefined) {
    list.push(['X-Original-Proto', scheme])
    scheme = proto
  }
  return { headers: list, remote, scheme }
}
