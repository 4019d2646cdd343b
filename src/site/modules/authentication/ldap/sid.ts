/**
 * The SID of another account of the same domain, as objectSid has it: it ends with a number of four bytes, the lowest
 * first, which is the account's own.
 */
export function withRid(sid: Buffer, rid: number): Buffer {
  const other = Buffer.from(sid)
  other.writeUInt32LE(rid, other.length - 4)
  return other
}
