// Loaded into the daemon before its own code: writes every few seconds what keeps its event loop busy, because nobody can
// count timers from outside.
import { renameSync, writeFileSync } from 'node:fs'

const file = process.env.SOAK_RESOURCES

setInterval(() => {
  const counts = {}
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1
  writeFileSync(`${file}.new`, JSON.stringify(counts))
  renameSync(`${file}.new`, file)
}, 2000).unref()
