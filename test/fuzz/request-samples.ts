import { chunkCases } from '../contract/smuggling/chunks.ts'
import { connectionCases } from '../contract/smuggling/connections.ts'
import { framingCases } from '../contract/smuggling/framing.ts'
import { headCases } from '../contract/smuggling/heads.ts'
import { identityCases } from '../contract/smuggling/identity.ts'
import { targetCases } from '../contract/smuggling/targets.ts'
import { corpus } from './corpus/corpus.ts'
import { mutate, request } from './generate.ts'
import type { Random } from './random.ts'

/** Above this, a sample is about a limit, and all its changes would be. */
const LONGEST = 1_000

/** Every input that somebody has read in two ways, and its neighbours; here and in the contract of the fronts. */
export const known = [corpus, chunkCases, connectionCases, framingCases, headCases, identityCases, targetCases]
  .flat()
  .map(({ bytes }) => bytes)
  .filter((bytes) => bytes.length <= LONGEST)

/** What a client may send on one connection: requests, among them such as were read in two ways, and most of them damaged. */
export function requests(random: Random): string {
  let text = ''
  for (let n = 1 + random.below(3); n > 0; n--) text += random.chance(0.1) ? random.pick(known) : request(random)
  return random.chance(0.6) ? mutate(random, text) : text
}
