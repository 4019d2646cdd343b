import { fstatSync } from 'node:fs'
import { BoundedStream, type LineState } from './bounded-stream.ts'
import { ownStream } from './own-stream.ts'

const outputLine: LineState = { isOpen: false }
// With `2>&1` both streams write to one file, so an unfinished line of one is an unfinished line of the other.
const errorLine: LineState = goToSameFile() ? outputLine : { isOpen: false }

export const standardOutput = new BoundedStream(ownStream(1) ?? process.stdout, outputLine)
export const standardError = new BoundedStream(ownStream(2) ?? process.stderr, errorLine)

function goToSameFile(): boolean {
  try {
    const [output, error] = [fstatSync(1), fstatSync(2)]
    return output.dev === error.dev && output.ino === error.ino
  } catch {
    return false
  }
}
