/** Resolves when all that the system had for us at this moment, bytes and connections, has been read. */
export async function allRead(): Promise<void> {
  // The turn of the event loop that is under way may be past its reading; the next one is not.
  await nextTurn()
  await nextTurn()
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
