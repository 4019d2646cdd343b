let last = 0

/** A number for one exchange, unique among all fronts of this process: it ties the log lines of a request together. */
export function nextExchangeId(): number {
  last += 1
  return last
}
