import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'

/** The code for a missing /dev/null, because its errno name ENOENT would be taken for a missing program. */
export const noNullDevice = 'ENONULL'

/**
 * How many descriptors must be free: a start takes half of them at most (both ends of the child's pipes, and of the
 * pipe that reports a failed exec); the other half allows for files that node's threads open meanwhile.
 */
const needed = 16

/**
 * Why a child cannot be started now: EMFILE or ENFILE when there are too few descriptors, noNullDevice when there is no
 * /dev/null for its standard input; undefined when it can be started. Called before each start, because Node's spawn
 * cannot report such a shortage: the object that it returns then has no streams, and emits an `error` event before
 * anybody can listen to it.
 */
export function descriptorShortage(): string | undefined {
  const taken: number[] = []
  try {
    while (taken.length < needed) taken.push(openSync(devNull, 'r'))
    return undefined
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    return code === 'EMFILE' || code === 'ENFILE' ? code : noNullDevice
  } finally {
    for (const descriptor of taken) closeSync(descriptor)
  }
}
