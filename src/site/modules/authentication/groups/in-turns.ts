/**
 * Calls `act` for at most `limit` arguments at once; the others wait for their turn, in their order. Whoever has waited
 * for `patienceMs` or longer when the turn comes gets `tooLate` without a call.
 */
export function inTurns<A, R>(
  { limit, patienceMs, tooLate }: { readonly limit: number; readonly patienceMs: number; readonly tooLate: R },
  act: (argument: A) => Promise<R>,
): (argument: A) => Promise<R> {
  const waiting: (() => void)[] = []
  let acting = 0
  return async (argument) => {
    const since = performance.now()
    if (acting < limit) acting++
    else {
      await new Promise<void>((resolve) => {
        waiting.push(resolve)
      })
    }
    try {
      return performance.now() - since < patienceMs ? await act(argument) : tooLate
    } finally {
      // The place is handed on to the next one who waits.
      const next = waiting.shift()
      if (next === undefined) acting--
      else next()
    }
  }
}
