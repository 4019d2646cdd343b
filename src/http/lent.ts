/** What happened to lent bytes, which are passed on in the lender's buffer, without a copy. */
export const Lent = Object.freeze({
  /** The system has them: the lender may use its buffer again. */
  done: 0,
  /** They are still in use: the lender must take another buffer. */
  kept: 1,
  /** They are still in use, and the receiver is slow: the lender must stop until it is told that there is room. */
  full: 2,
})
