/** A small seeded generator (mulberry32), so that every finding can be had again from its seed. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** 0 up to and without 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }

  /** 0 up to and without `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }
}

/** How long a fuzz run takes: FUZZ_CASES and FUZZ_SEED by hand, a short run with a fresh seed otherwise. */
export function fuzzPlan(defaultCases: number): { readonly cases: number; readonly seed: number } {
  const { FUZZ_CASES: cases, FUZZ_SEED: seed } = process.env
  return {
    cases: cases === undefined ? defaultCases : Number(cases),
    seed: seed === undefined ? Math.floor(Math.random() * 4_294_967_296) : Number(seed),
  }
}
