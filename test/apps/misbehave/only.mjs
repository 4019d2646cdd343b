// Serves, if it is among the first COUNT that were started; FILE keeps the count.
import { appendFileSync, readFileSync } from 'node:fs'

const [file, count] = process.argv.slice(2)
appendFileSync(file, 'x')
process.argv.splice(2, 2, ...(readFileSync(file).length <= Number(count) ? ['serve'] : ['exit', '7', '0']))
await import('./misbehave.mjs')
