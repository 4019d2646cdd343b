/** Whether an error is a reset; a system sends one if a socket is closed before all bytes that came on it are read. */
export function isReset({ code, syscall }: NodeJS.ErrnoException): boolean {
  // Node also reports ECONNRESET, but without a system call, for an orderly end that comes too early.
  return (code === 'ECONNRESET' || code === 'EPIPE') && syscall !== undefined
}
