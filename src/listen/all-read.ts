/** Resolves when all that the system had for us at this moment, bytes and connections, has been read. */
export async function allRead(): Promise<void> {
  // The present pass of the event loop may be past its reading; the next one is not.
  await nextPass()
  await nextPass()
}

function nextPass(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
