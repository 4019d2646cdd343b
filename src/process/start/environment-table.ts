/**
 * A child's environment while it is composed. Names compare without regard to case, as on Windows, but keep their first
 * spelling: `aspnetcore_environment` of web.config replaces an inherited ASPNETCORE_ENVIRONMENT instead of standing
 * beside it. Inherited names that differ in case only (http_proxy and HTTP_PROXY) both stay until one of them is set.
 */
export class EnvironmentTable {
  readonly #values = new Map<string, string>()
  /** Maps each lower-case name to the spellings that the table has of it. */
  readonly #spellings = new Map<string, string[]>()

  /** Adds an inherited variable, also beside others that differ in case only. Called once for each name. */
  inherit(name: string, value: string): void {
    const lower = name.toLowerCase()
    const spellings = this.#spellings.get(lower)
    if (spellings === undefined) this.#spellings.set(lower, [name])
    else spellings.push(name)
    this.#values.set(name, value)
  }

  /** The value of the variable with exactly this spelling, else of the first that differs in case only. */
  get(name: string): string | undefined {
    const spellings = this.#spellings.get(name.toLowerCase())
    if (spellings === undefined) return undefined
    return this.#values.get(spellings.includes(name) ? name : (spellings[0] as string))
  }

  /** Sets a variable under the spelling that it has already, else under `name`. */
  set(name: string, value: string): void {
    const spellings = this.#spellings.get(name.toLowerCase())
    this.#replace(spellings === undefined || spellings.includes(name) ? name : (spellings[0] as string), value)
  }

  /** Sets a variable under exactly this spelling, because on most systems the child looks for no other. */
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
    // A Map keeps the place of an entry that is set again, so the inherited order stays.
    this.#values.set(name, value)
  }
}
