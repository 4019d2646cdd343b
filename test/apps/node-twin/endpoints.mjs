// Finds the endpoint of a path: by its first segment without regard to case, or by a prefix with the parameter glued on.
import { about } from './about.mjs'
import { bodies } from './bodies.mjs'
import { lives } from './lives.mjs'
import { responses } from './responses.mjs'
import { answerText } from './replies.mjs'

const glued = ['DoSleep', 'GetRequestHeaderValue', 'ExpandEnvironmentVariables', 'MemoryLeak', 'SetTransferEncoding']

const table = new Map(
  Object.entries({ ...about, ...bodies, ...lives, ...responses }).map(([name, run]) => [name.toLowerCase(), run]),
)

const running = ({ res }) => answerText(res, 'Running')

/** {run, rest}: `rest` is what follows the endpoint's name. */
export function endpointFor(path) {
  const end = path.indexOf('/', 1)
  const segment = (end < 0 ? path.slice(1) : path.slice(1, end)).toLowerCase()
  const exact = table.get(segment)
  if (exact !== undefined) return { run: exact, rest: end < 0 ? '' : path.slice(end) }
  const name = glued.find((candidate) => segment.startsWith(candidate.toLowerCase()))
  if (name !== undefined) return { run: table.get(name.toLowerCase()), rest: path.slice(1 + name.length) }
  return { run: running, rest: path }
}
