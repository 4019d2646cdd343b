import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Exchange } from '../../../src/http/exchange.ts'
import { readTarget } from '../../../src/http/target.ts'
import type { GateAnswer } from '../../../src/site/modules/module.ts'
import { hasDotnet } from '../../support/dotnet-apps.ts'
import { top } from '../../support/folders.ts'
import { exchangeOf } from '../../unit/site/support.ts'
import { publishedFolder } from '../publish.ts'
import { fuzzPlan, Random } from '../random.ts'
import { type RuleRequest, requestsFor } from './requests.ts'
import { type RuleFile, ruleFiles } from './rule-files.ts'

const { cases, seed, timeout } = fuzzPlan(24_000, 20)

// Both read the same XML. Where ASP.NET Core is known to differ from IIS, the rule files or the requests leave the case out, and
// the case tables in test/unit/site/modules say what IIS documents:
//
// - it has neither {URL}, nor wildcards, nor outbound rules (it does not load the file), nor a map's defaultValue;
// - {REQUEST_URI} lacks the query;
// - a path is matched as it is encoded, and not decoded;
// - a rewrite with appendQueryString="false" keeps the old query unless its url has one;
// - trackAllCaptures counts the whole match of every condition, not of the first one alone.
describe.skipIf(!hasDotnet)("ASP.NET Core's own reader of IIS's rewrite rules", () => {
  test(`makes of each request what ancmd does (seed ${String(seed)})`, { timeout: timeout + 300_000 }, async () => {
    const random = new Random(seed)
    const files = ruleFiles()
    const each = Math.ceil(cases / files.length)
    const asked = files.flatMap((file) => requestsFor(file, random, each).map((request) => ({ file, request })))
    const theirs = askOracle(asked.map(({ request }) => request))
    const tally = { compared: 0, unloadable: 0, threw: 0, matched: 0 }
    const differences: string[] = []
    for (const [i, { file, request }] of asked.entries()) {
      const their = theirs[i] as string
      // A rule file with something that ASP.NET Core does not know, such as an outbound rule.
      if (their === 'unloadable') tally.unloadable++
      // It throws where a template asks for a capture that took no part in the match; IIS takes that as empty.
      else if (their.startsWith('threw ')) tally.threw++
      else {
        tally.compared++
        const our = await applyOurs(file, request)
        if (our !== `${request.path}${request.query}`) tally.matched++
        if (spelled(our) !== spelled(their)) {
          differences.push(`${file.file}: ${JSON.stringify(request)}\n  ancmd        ${our}\n  ASP.NET Core ${their}`)
        }
      }
    }
    console.log(`seed ${String(seed)}, ${String(files.length)} rule files: ${JSON.stringify(tally)}`)
    expect(differences.slice(0, 20)).toEqual([])
    expect(tally.compared).toBeGreaterThan(cases / 3)
    expect(tally.matched).toBeGreaterThan(tally.compared / 4)
    expect(tally.threw).toBeLessThan(tally.compared / 100)
  })
})

function askOracle(requests: readonly RuleRequest[]): readonly string[] {
  const folder = publishedFolder(join(top, 'test/fuzz/rewrite/oracle'), 'fuzz-rewrite')
  const { status, stdout, stderr } = spawnSync('dotnet', [join(folder, 'Oracle.dll')], {
    input: requests.map((request) => `${JSON.stringify(request)}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 1_000_000_000,
    timeout: 300_000,
  })
  if (status !== 0) throw new Error(`the oracle ended with ${String(status)}: ${stderr}`)
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as string)
}

async function applyOurs({ steps }: RuleFile, request: RuleRequest): Promise<string> {
  const read = readTarget(request.method, `${request.path}${request.query}`)
  if (!read.ok) throw new Error(`${request.path} is no target`)
  const exchange = exchangeOf()
  const routed = await steps.route?.({
    ...exchange,
    method: request.method,
    target: read.value.target,
    path: read.value.path,
    host: request.host,
    connection: { ...exchange.connection, scheme: request.scheme, remoteAddress: '127.0.0.1' },
  } as Exchange)
  if (routed === undefined) throw new Error('there is no route step')
  return 'passes' in routed ? routed.passes.target : answered(routed.ends)
}

function answered(ends: GateAnswer): string {
  if ('abort' in ends) return 'abort'
  if ('serves' in ends) return 'served'
  if ('failure' in ends) return `${ends.failure.kind} ${ends.setting}`
  const { status, headers } = ends.answer
  const at = headers.indexOf('Location')
  return `${String(status)} ${at < 0 ? '' : String(headers[at + 1])}`.trim()
}

/** Where two spellings mean the same, one of them. */
function spelled(text: string): string {
  // A Location may only have ASCII; ASP.NET Core leaves the encoding to its server.
  const [status, location] = /^[0-9]{3} /.test(text) ? [text.slice(0, 4), text.slice(4)] : ['', text]
  const encoded = status + location.replace(/[^\x21-\x7e]+/g, encodeURIComponent)
  const upper = encoded.replace(/%[0-9a-f]{2}/gi, (triplet) => triplet.toUpperCase())
  // What is appended stands behind the rule's own query for IIS, and before it for ASP.NET Core.
  const at = upper.indexOf('?')
  if (at < 0) return upper
  return `${upper.slice(0, at)}?${upper
    .slice(at + 1)
    .split('&')
    .sort()
    .join('&')}`
}
