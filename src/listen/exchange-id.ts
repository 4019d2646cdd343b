let last = 0

/** A number for one exchange, unique among all fronts of this process, by which its log lines can be found. */
export function nextExchangeId(): number {
  last += 1
  return last
}
