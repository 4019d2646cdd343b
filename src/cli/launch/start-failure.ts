import { openFileLimit } from '../../platform/open-files.ts'

/** With fewer file descriptors the daemon's own code may not load, because Node opens many files at the same time. */
const minDescriptors = 256
/** Read when this file is loaded: later there may be no descriptor left to read it with. */
const descriptorLimit = openFileLimit()

/**
 * Explains an error that was thrown while the daemon's code was loaded, with the cure; undefined where the environment
 * is not to blame, so that the error is a bug.
 */
export function startFailureSentence(error: unknown): string | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (syscall === 'uv_cwd')
    return 'the current directory has been deleted; change to another one, and name the folder in full'
  // Where Node cannot open a package's files because no descriptor is free, it reports the package as missing.
  const isMissing = code === 'ERR_MODULE_NOT_FOUND' && descriptorLimit !== undefined && descriptorLimit < minDescriptors
  if (code !== 'EMFILE' && code !== 'ENFILE' && !isMissing) return undefined
  const most = code === 'ENFILE' || descriptorLimit === undefined ? '' : ` (the limit is ${String(descriptorLimit)})`
  return `too many files are open${most}; raise the limit of open files to 1024 or more: ulimit -n, LimitNOFILE= of systemd, --ulimit nofile= of docker`
}
