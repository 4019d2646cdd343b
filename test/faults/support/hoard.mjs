// Loaded into the daemon by --import: at SIGWINCH it opens files until there are no descriptors left, at SIGIO it closes
// them all. So the daemon has none at a moment of the test's choosing, not only at one that clients can bring about.
import { closeSync, openSync } from 'node:fs'

const hoard = []

process.on('SIGWINCH', () => {
  for (;;) {
    try {
      hoard.push(openSync('/dev/null', 'r'))
    } catch {
      return
    }
  }
})

process.on('SIGIO', () => {
  for (const descriptor of hoard.splice(0)) closeSync(descriptor)
})
