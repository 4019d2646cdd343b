import { fstatSync } from 'node:fs'
import { BoundedStream, type LineState } from './bounded-stream.ts'
import { ownStream } from './own-stream.ts'

const ofOutput: LineState = { isOpen: false }
// With `2>&1` an unfinished line of one stream is one of the other's, too.
const ofError: LineState = areOnePlace() ? ofOutput : { isOpen: false }

export const standardOutput = new BoundedStream(ownStream(1) ?? process.stdout, ofOutput)
export const standardError = new BoundedStream(ownStream(2) ?? process.stderr, ofError)

function areOnePlace(): boolean {
  try {
    const [output, error] = [fstatSync(1), fstatSync(2)]
    return output.dev === error.dev && output.ino === error.ino
  } catch {
    return false
  }
}
