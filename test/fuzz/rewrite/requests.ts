import type { Random } from '../random.ts'
import type { RuleFile } from './rule-files.ts'

/** A request for rewrite rules, as far as they look at it. */
export interface RuleRequest {
  readonly file: string
  readonly method: string
  readonly scheme: string
  readonly host: string
  readonly path: string
  /** With its question mark, or ''. */
  readonly query: string
}

const words = ['a', 'B1', 'index.html', 'API', 'api', 'v2', 'img.PNG', '2024', '07']
const queries = ['a=1', 'id=7&b=2', 'x=%20y', 'q', 'q=caf%C3%A9', 'ID=007']
const hosts = ['example.com', 'www.example.com', 'old.example', 'EXAMPLE.com:8080']

/** Makes requests out of the words that stand in a file's rules, so that many of them are matched. */
export function requestsFor({ file, text }: RuleFile, random: Random, count: number): readonly RuleRequest[] {
  const own = wordsIn(text).slice(0, 80)
  const all = [...own, ...words]
  const ownHosts = [...text.matchAll(/HTTP_HOST\}"[^>]*pattern="([^"]*)"/g)]
    .map(([, pattern = '']) => pattern.replace(/[\\^$()?!]/g, ''))
    .filter((host) => /^[A-Za-z0-9.:-]+$/.test(host))
  // In ASP.NET Core {REQUEST_URI} has no query; in IIS it has.
  const mayHaveQuery = !text.includes('{REQUEST_URI}')
  return Array.from({ length: count }, () => {
    const query = mayHaveQuery && random.chance(0.35) ? `?${random.pick([...queries, `p=${random.pick(all)}`])}` : ''
    return {
      file,
      method: random.pick(['GET', 'GET', 'POST', 'HEAD']),
      scheme: random.pick(['http', 'https']),
      host: random.pick([...hosts, ...ownHosts]),
      path: pathOf(all, random),
      query,
    }
  })
}

function pathOf(all: readonly string[], random: Random): string {
  const segments = Array.from({ length: random.below(4) }, () => random.pick(all))
  const path = `/${segments.join('/')}${segments.length > 0 && random.chance(0.2) ? '/' : ''}`
  if (random.chance(0.15)) return path.toUpperCase()
  return random.chance(0.15) ? path.toLowerCase() : path
}

function wordsIn(text: string): readonly string[] {
  const values = text.match(/(?:url|pattern|key|value)="[^"]*"/g) ?? []
  const found = values.flatMap((value) => value.replace(/^[a-z]+="/, '').match(/[A-Za-z0-9_.-]+/g) ?? [])
  return [...new Set(found)].filter((word) => !/^[.-]+$/.test(word))
}
