/**
 * Options for a test that is tried a second time when it fails: `test('…', retried('why'), …)`. `reason` tells a reader
 * of the test what cannot be made certain. A test that was tried again is counted and named at the end of the run.
 */
export function retried(reason: string, times = 1): { readonly retry: number } {
  if (reason.trim() === '') throw new Error('a test that is tried again needs a reason')
  return { retry: times }
}
