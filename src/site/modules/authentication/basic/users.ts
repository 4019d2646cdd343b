import { createHmac, randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import * as events from '../../../../log/authentication-events.ts'
import type { Log } from '../../../../log/entry.ts'
import type { Clock } from '../../../../platform/clock.ts'
import { readOrdinaryFile } from '../../../../platform/files/ordinary-file.ts'
import type { ComparePassword } from './password-hash.ts'
import type { UserAndPassword } from './user-and-password.ts'
import { readUsersFile } from './users-file.ts'

export interface UsersParts {
  /** Absolute. */
  readonly usersFile: string
  readonly log: Log
  readonly clock: Clock
  /** The application's id. */
  readonly app: string
}

/** `unavailable`: why nobody can be checked at the moment. */
export type PasswordVerdict = 'right' | 'wrong' | { readonly unavailable: string }

/** How long the file counts as unchanged after it was looked at. */
const freshMs = 1000
/** How long a password is right without being compared again. */
const rememberedMs = 300_000
const maxRemembered = 1000
/** So many passwords wait for their comparison at most. */
const maxPending = 100
/** Larger files are refused. */
const maxBytes = 4_194_304

/**
 * The hash of a text that nobody knows, by the cost that htpasswd and most others take: it is compared for users that
 * there are not, so that the time of an answer does not tell whether there is one.
 */
const hashOfNobody = '$2y$10$B0gPZc9eKKyGVo6Zr3cLwuhZFhmlpvP0sp3rjyTFXHd1vwHt5xRWi'

/**
 * The users of one file and their passwords. The file is read again when it has changed. A password that was right is
 * remembered for a while by a keyed digest, so that only the first request of a client waits for bcrypt. Life: that of
 * the configuration. Invariant: what is remembered belongs to the file as it was read last.
 */
export class Users {
  readonly #parts: UsersParts
  readonly #compare: ComparePassword
  readonly #key = randomBytes(32)
  readonly #remembered = new Map<string, number>()
  readonly #pending = new Map<string, Promise<boolean | undefined>>()
  readonly #onChange: () => void
  #hashes: ReadonlyMap<string, string> | undefined
  #version = ''
  #lookedAt = Number.NEGATIVE_INFINITY
  #looking: Promise<void> | undefined

  /** @param onChange called when another state of the file is in force */
  constructor(parts: UsersParts, compare: ComparePassword, onChange: () => void) {
    this.#parts = parts
    this.#compare = compare
    this.#onChange = onChange
  }

  /** Stands for a user and a password, and tells neither. */
  fingerprint({ user, password }: UserAndPassword): string {
    // Neither has a control character in it.
    return createHmac('sha256', this.#key).update(`${user}\0${password}`).digest('base64')
  }

  /** Resolves when the file is known as it was a moment ago. */
  async refresh(): Promise<void> {
    if (this.#parts.clock.now() - this.#lookedAt < freshMs) return
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    await this.#looking
  }

  async check(claimed: UserAndPassword, fingerprint: string): Promise<PasswordVerdict> {
    if (this.#hashes === undefined) return { unavailable: 'the file of the users cannot be read' }
    if (this.#isRemembered(fingerprint)) return 'right'
    let pending = this.#pending.get(fingerprint)
    if (pending === undefined) {
      if (this.#pending.size >= maxPending) return { unavailable: 'too many passwords are being compared' }
      pending = this.#compareWith(this.#hashes, claimed, fingerprint)
      this.#pending.set(fingerprint, pending)
    }
    const isRight = await pending
    if (isRight === undefined) return { unavailable: 'the thread that compares passwords has ended' }
    return isRight ? 'right' : 'wrong'
  }

  async #compareWith(
    hashes: ReadonlyMap<string, string>,
    { user, password }: UserAndPassword,
    fingerprint: string,
  ): Promise<boolean | undefined> {
    try {
      const hash = hashes.get(user)
      const isSame = await this.#compare(password, hash ?? this.#hashForUnknown(hashes))
      if (isSame === undefined) return undefined
      const isRight = isSame && hash !== undefined
      if (isRight && this.#hashes === hashes) this.#remember(fingerprint)
      return isRight
    } finally {
      this.#pending.delete(fingerprint)
    }
  }

  /** A hash with the cost of the file's own ones. */
  #hashForUnknown(hashes: ReadonlyMap<string, string>): string {
    const [first] = hashes.values()
    return first === undefined ? hashOfNobody : first.slice(0, 7) + hashOfNobody.slice(7)
  }

  #isRemembered(fingerprint: string): boolean {
    const until = this.#remembered.get(fingerprint)
    if (until !== undefined && until > this.#parts.clock.now()) return true
    this.#remembered.delete(fingerprint)
    return false
  }

  #remember(fingerprint: string): void {
    const [oldest] = this.#remembered.keys()
    if (oldest !== undefined && this.#remembered.size >= maxRemembered) this.#remembered.delete(oldest)
    this.#remembered.set(fingerprint, this.#parts.clock.now() + rememberedMs)
  }

  async #look(): Promise<void> {
    const { usersFile: file, log, app, clock } = this.#parts
    try {
      const { mtimeNs, ctimeNs, size, ino } = await stat(file, { bigint: true })
      const version = [mtimeNs, ctimeNs, size, ino].join(' ')
      if (version === this.#version) return
      if (size > maxBytes) throw new Error(`it is larger than ${String(maxBytes)} bytes`)
      const { hashes, unusable } = readUsersFile((await readOrdinaryFile(file)).toString('utf8'))
      this.#replaceBy(hashes, version)
      const lines = unusable.map(({ line, why }) => `line ${String(line)}: ${why}`)
      events.usersFileRead(log, { app, file, users: hashes.size, unusable: lines })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      const isNew = this.#hashes !== undefined || this.#version === ''
      this.#replaceBy(undefined, 'none')
      // Nobody is let in by what a file said that somebody may have removed.
      if (isNew) events.usersFileFailed(log, { app, file, reason })
    } finally {
      this.#lookedAt = clock.now()
    }
  }

  #replaceBy(hashes: ReadonlyMap<string, string> | undefined, version: string): void {
    this.#hashes = hashes
    this.#version = version
    this.#remembered.clear()
    this.#pending.clear()
    this.#onChange()
  }
}
