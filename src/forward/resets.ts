/** Whether an error is a reset by the other side's system, which it sends when it closed with bytes of ours unread. */
export function isReset({ code, syscall }: NodeJS.ErrnoException): boolean {
  // Node also reports ECONNRESET, but without a system call, for an orderly end that comes too early.
  return (code === 'ECONNRESET' || code === 'EPIPE') && syscall !== undefined
}
