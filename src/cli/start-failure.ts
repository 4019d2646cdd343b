import { openFileLimit } from '../platform/open-files.ts'

/** Below this many descriptors the daemon's own files may not load: node opens them all at once. */
const leastDescriptors = 256
/** Read at once: later there may be no descriptor left to read it with. */
const limit = openFileLimit()

/** What keeps the daemon from starting where it stands, and the cure; undefined for what is a mistake of ours. */
export function startFailureSentence(error: unknown): string | undefined {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (syscall === 'uv_cwd')
    return 'the current directory has been deleted; change to another one, and name the folder in full'
  // Node takes a package whose files it cannot open for one that is not there.
  const isMissing = code === 'ERR_MODULE_NOT_FOUND' && limit !== undefined && limit < leastDescriptors
  if (code !== 'EMFILE' && code !== 'ENFILE' && !isMissing) return undefined
  const most = code === 'ENFILE' || limit === undefined ? '' : ` (the limit is ${String(limit)})`
  return `too many files are open${most}; raise the limit of open files to 1024 or more: ulimit -n, LimitNOFILE= of systemd, --ulimit nofile= of docker`
}
