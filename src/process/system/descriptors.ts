import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'

/** In place of an errno name, which would be ENOENT and say something else. */
export const noNullDevice = 'ENONULL'

/**
 * As many as a start of a child takes at most (both ends of its pipes, and of the one that tells of a failed exec), and as
 * many again, since node's file threads may take some in between.
 */
const needed = 16

/**
 * Why a child cannot be started now: EMFILE or ENFILE when there are no descriptors left for it, noNullDevice when it would
 * have no standard input; undefined when it can.
 * Asked before each start, because node's spawn does not come back whole from that: its object has no streams, and tells of
 * the failure by an `error` event that nobody can be listening to.
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
