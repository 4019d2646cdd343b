/** Whether the other end closed with bytes of ours unread: its system then answers them with a reset. */
export function isReset({ code, syscall }: NodeJS.ErrnoException): boolean {
  // Node says ECONNRESET, without a call to the system, also of an orderly end that comes too early.
  return (code === 'ECONNRESET' || code === 'EPIPE') && syscall !== undefined
}
