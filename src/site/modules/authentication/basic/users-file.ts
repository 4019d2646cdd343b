/** A line of a users file that is for nobody. */
export interface UnusableLine {
  /** Counts from 1. */
  readonly line: number
  /** Without anything that could be a part of a password or its hash. */
  readonly why: string
}

/** What is in a users file, as `htpasswd -B` writes it. */
export interface UsersFile {
  /** The bcrypt hash of each user's password. */
  readonly hashes: ReadonlyMap<string, string>
  readonly unusable: readonly UnusableLine[]
}

const bcrypt = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/

/** Each step doubles the time of a check, which takes seconds with 15. */
const maxCost = 16

/** Where a user has two lines the first one counts, as for Apache. */
export function readUsersFile(text: string): UsersFile {
  const hashes = new Map<string, string>()
  const unusable: UnusableLine[] = []
  for (const [i, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const written = raw.trim()
    if (written === '' || written.startsWith('#')) continue
    const colon = written.indexOf(':')
    const [name, hash] = [written.slice(0, Math.max(colon, 0)), written.slice(colon + 1)]
    const why = whyUnusable(name, hash, hashes)
    if (why === undefined) hashes.set(name, hash)
    else unusable.push({ line: i + 1, why })
  }
  return { hashes, unusable }
}

function whyUnusable(name: string, hash: string, known: ReadonlyMap<string, string>): string | undefined {
  if (name === '') return 'there is no user name before a colon'
  if (known.has(name)) return 'its user has an earlier line'
  const cost = bcrypt.exec(hash)?.[1]
  if (cost === undefined) return 'its password is not hashed with bcrypt (htpasswd -B)'
  if (Number(cost) < 4 || Number(cost) > maxCost) return `the cost of its hash is not between 4 and ${String(maxCost)}`
  return undefined
}
