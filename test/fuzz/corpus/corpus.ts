import { chunks } from './chunks.ts'
import { desync } from './desync.ts'
import { framing } from './framing.ts'
import { funkyChunks } from './funky-chunks.ts'
import { heads } from './heads.ts'
import { honest } from './honest.ts'
import type { Sample } from './sample.ts'

/** Requests that have been read in two ways by somebody, and their honest neighbours. */
export const corpus: readonly Sample[] = [honest, framing, heads, chunks, funkyChunks, desync].flat()
