/**
 * The first value of `look` that is neither undefined nor false, asked for every 20 ms. Only for what reports no event;
 * the limit is for broken runs, no test may depend on it.
 */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  limit = 20_000,
): Promise<T> {
  const end = performance.now() + limit
  while (performance.now() < end) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    await pause(20)
  }
  throw new Error(`it never came to pass that ${what}`)
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
