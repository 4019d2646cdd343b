/**
 * Options for a test that is tried a second time when it fails: `test('…', retried('why'), …)`. The reason is for the reader;
 * it must say what cannot be made certain. The second try is counted and named at the end of the run.
 */
export function retried(reason: string, times = 1): { readonly retry: number } {
  if (reason.trim() === '') throw new Error('a test that is tried again needs a reason')
  return { retry: times }
}
