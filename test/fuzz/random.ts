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

/** What a run of a fuzzer is to be. */
export interface FuzzPlan {
  readonly cases: number
  readonly seed: number
  /** Milliseconds after which it hangs. */
  readonly timeout: number
}

const SEED = 20_260_101
/** Whatever a run is to be, it may take this long: the machine may be busy. */
const LEAST_TIMEOUT = 60_000

/**
 * The same short run every time, unless FUZZ_SEED (a number, or `random`) and FUZZ_CASES say otherwise. `msPerCase` is what
 * one case may take on a slow machine.
 */
export function fuzzPlan(defaultCases: number, msPerCase: number): FuzzPlan {
  const { FUZZ_CASES: cases = String(defaultCases), FUZZ_SEED: seed = String(SEED) } = process.env
  const plan = {
    cases: wholeNumber('FUZZ_CASES', cases),
    seed: seed === 'random' ? Math.floor(Math.random() * 4_294_967_296) : wholeNumber('FUZZ_SEED', seed),
  }
  return { ...plan, timeout: Math.max(LEAST_TIMEOUT, plan.cases * msPerCase) }
}

function wholeNumber(name: string, text: string): number {
  if (!/^[0-9]{1,10}$/.test(text)) throw new Error(`${name} is ${JSON.stringify(text)} and should be a whole number`)
  return Number(text)
}
