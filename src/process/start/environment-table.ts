/**
 * A child's environment while it is made up. Names compare without regard to case, as on Windows, yet are spelled as they
 * first came: `aspnetcore_environment` of web.config replaces an inherited ASPNETCORE_ENVIRONMENT, it does not stand
 * beside it. Inherited names that differ in case only (http_proxy and HTTP_PROXY) stay apart until one of them is set.
 */
export class EnvironmentTable {
  readonly #values = new Map<string, string>()
  /** Lower-case name → the spellings in use. */
  readonly #spellings = new Map<string, string[]>()

  /** A variable as it is, beside others that differ in case; each name once. */
  inherit(name: string, value: string): void {
    const lower = name.toLowerCase()
    const spellings = this.#spellings.get(lower)
    if (spellings === undefined) this.#spellings.set(lower, [name])
    else spellings.push(name)
    this.#values.set(name, value)
  }

  /** The value of `name`, exactly so spelled if there are several. */
  get(name: string): string | undefined {
    const spellings = this.#spellings.get(name.toLowerCase())
    if (spellings === undefined) return undefined
    return this.#values.get(spellings.includes(name) ? name : (spellings[0] as string))
  }

  /** Sets it under the spelling that is there already, else under `name`. */
  set(name: string, value: string): void {
    const spellings = this.#spellings.get(name.toLowerCase())
    this.#replace(spellings === undefined || spellings.includes(name) ? name : (spellings[0] as string), value)
  }

  /** Sets it under exactly this spelling: on most systems the child looks for no other. */
  setAs(name: string, value: string): void {
    this.#replace(name, value)
  }

  remove(name: string): void {
    for (const spelling of this.#spellings.get(name.toLowerCase()) ?? []) this.#values.delete(spelling)
    this.#spellings.delete(name.toLowerCase())
  }

  entries(): Record<string, string> {
    return Object.fromEntries(this.#values)
  }

  #replace(name: string, value: string): void {
    for (const spelling of this.#spellings.get(name.toLowerCase()) ?? []) {
      if (spelling !== name) this.#values.delete(spelling)
    }
    this.#spellings.set(name.toLowerCase(), [name])
    // A Map keeps an entry's place when it is set again: inherited order stays.
    this.#values.set(name, value)
  }
}
