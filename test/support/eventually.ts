/**
 * Calls `look` every 20 ms and resolves with its first value that is neither undefined nor false. Use it only for facts
 * that no event reports. `limit` (in milliseconds) ends broken runs; no test may depend on it.
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
