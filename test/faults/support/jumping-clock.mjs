// Loaded into the daemon by --import: its wall clock jumps five hours ahead, five back and home again, some thirty times a
// second. Timers and performance.now() are the kernel's and know nothing of it, as when somebody sets the clock.
const TrueDate = Date
const fiveHours = 5 * 60 * 60 * 1000
const jump = () => [0, fiveHours, -fiveHours][Math.floor(performance.now() / 33) % 3]

globalThis.Date = class Date extends TrueDate {
  static now() {
    return TrueDate.now() + jump()
  }

  constructor(...args) {
    if (args.length === 0) super(TrueDate.now() + jump())
    else super(...args)
  }
}
