/** Where a child's output goes. Owned by this room, fulfilled by `stdout`. Never throws, never blocks. */
export interface OutputSink {
  /** The pairing token: wherever the output goes, it does not. Once, before the first write(). */
  conceal(token: string): void
  /** Raw bytes of one stream, as they came. The chunk belongs to the sink. */
  write(stream: 'stdout' | 'stderr', chunk: Uint8Array): void
  /** The last lines of both streams, oldest first, for reports. */
  lastLines(): readonly string[]
  /** Both streams have ended. Resolves when what was accepted is on disk. */
  close(): Promise<void>
}
