import { nextTurn } from '../platform/pause.ts'

/** Resolves when the process has read all bytes and accepted all connections that the system held at the call. */
export async function allRead(): Promise<void> {
  // The current turn of the event loop may be past its poll phase, so only the end of the next turn is certain.
  await nextTurn()
  await nextTurn()
}
