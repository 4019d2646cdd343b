import { nativeVariable, setNativeVariable } from '../../../../platform/native/native-environment.ts'

const name = 'KRB5_KTNAME'

/**
 * The Kerberos library is told of its keytab by a variable of the whole process. So those who need the same keytab go
 * together, and others wait until they have finished. Life: that of the process, for which there is one of it.
 * Invariant: while somebody is in, the variable is that of everybody who is in.
 */
class KeytabTurns {
  readonly #original = nativeVariable(name)
  #keytab: string | undefined
  #inside = 0
  readonly #waiting: { readonly keytab: string | undefined; readonly enter: () => void }[] = []

  /** @param keytab a file; undefined: the keytab that the library finds by itself */
  async take<T>(keytab: string | undefined, act: () => Promise<T>): Promise<T> {
    if (this.#waiting.length > 0 || !this.#enter(keytab)) {
      await new Promise<void>((resolve) => {
        this.#waiting.push({ keytab, enter: resolve })
      })
    }
    try {
      return await act()
    } finally {
      this.#leave()
    }
  }

  #enter(keytab: string | undefined): boolean {
    if (this.#inside > 0 && this.#keytab !== keytab) return false
    this.#inside += 1
    this.#keytab = keytab
    setNativeVariable(name, keytab ?? this.#original)
    return true
  }

  #leave(): void {
    this.#inside -= 1
    for (let next = this.#waiting[0]; next !== undefined && this.#enter(next.keytab); next = this.#waiting[0]) {
      this.#waiting.shift()
      next.enter()
    }
  }
}

export const keytabTurns = new KeytabTurns()
