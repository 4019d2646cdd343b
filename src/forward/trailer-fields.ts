import { mayBeTrailer } from '../http1/trailer-section.ts'

/** The trailer fields that may be forwarded, in either direction; undefined when none are left. */
export function passingTrailers(trailers: readonly string[] | undefined): string[] | undefined {
  if (trailers === undefined) return undefined
  const passing: string[] = []
  for (let i = 0; i < trailers.length; i += 2) {
    const name = trailers[i] as string
    if (mayBeTrailer(name.toLowerCase())) passing.push(name, trailers[i + 1] as string)
  }
  return passing.length === 0 ? undefined : passing
}
