// A fault whose cause goes away: until FILE exists, the rest of the arguments is what misbehave.mjs does; from then on it
// serves.
import { existsSync } from 'node:fs'

const [file, ...fault] = process.argv.slice(2)
process.argv.splice(2, fault.length + 1, ...(existsSync(file) ? ['serve'] : fault))
await import('./misbehave.mjs')
