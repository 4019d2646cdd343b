import { mayBeTrailer } from '../../src/http1/trailer-section.ts'

/** Those trailers that our reader keeps, flat; it drops the others. */
export function passingTrailers(trailers: readonly string[]): readonly string[] {
  if (trailers.length === 0) return trailers
  return trailers.filter((_, i) => mayBeTrailer((trailers[i & ~1] as string).toLowerCase()))
}
