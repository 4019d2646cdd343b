/** Where a child's output goes; the folder src/stdout implements it. Never throws, never blocks. */
export interface OutputSink {
  /**
   * Keeps the pairing token out of everything that is written, kept or passed on. Called once, before the first
   * write().
   */
  conceal(token: string): void
  /** Takes raw bytes of one stream. The sink may keep the chunk, so the caller must not change it later. */
  write(stream: 'stdout' | 'stderr', chunk: Uint8Array): void
  /** The last lines of both streams, oldest first. */
  lastLines(): readonly string[]
  /** Called when both streams have ended. Resolves when the accepted bytes are on disk. */
  close(): Promise<void>
}
