// Start-up modes, chosen by the first command-line argument, as in the module's own test sites.
import { closeSync, openSync, writeSync } from 'node:fs'

const forever = () => new Promise(() => setInterval(() => {}, 60_000))

/** Returns how to serve, or never. */
export async function runMode(argv) {
  const serving = { hangOnStop: false, firstRequestDelay: Number(process.env.ANCMTestStartUpDelay ?? 0) }
  const [mode, argument] = argv
  switch (mode) {
    case 'CreateFile':
      closeSync(openSync(argument, 'w'))
      break
    case 'ConsoleWriteSingle':
      return leave(1, 'Wow!', 0)
    case 'ConsoleWrite30Kb':
      return leave(1, 'a'.repeat(40_000), 0)
    case 'CheckLargeStdOutWrites':
      return leave(1, 'a'.repeat(30_000), 12)
    case 'CheckLargeStdErrWrites':
      return leave(2, 'a'.repeat(30_000), 12)
    case 'CheckOversizedStdOutWrites':
      return leave(1, 'a'.repeat(31_000), 12)
    case 'CheckOversizedStdErrWrites':
      return leave(2, 'a'.repeat(31_000), 12)
    case 'CheckConsoleFunctions':
      return leave(1, '彡⾔', 12)
    case 'ConsoleWriteStartServer':
      writeSync(1, 'TEST MESSAGE\n')
      break
    case 'ConsoleErrorWriteStartServer':
      writeSync(2, 'TEST MESSAGE\n')
      break
    case 'Hang':
      return forever()
    case 'HangOnStop':
      return { ...serving, hangOnStop: true }
    case 'Throw':
    case 'ThrowInStartup':
      throw new Error('TEST EXCEPTION')
    case 'EarlyReturn':
      return leave(1, '', 12)
    case '--start-delay':
      await new Promise((resolve) => setTimeout(resolve, Number(argument)))
      break
    case '--first-request-delay':
      return { ...serving, firstRequestDelay: Number(argument) }
  }
  return serving
}

/** Synchronous writes, so that the exit cannot cut the text. */
function leave(stream, text, code) {
  let rest = Buffer.from(text)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(stream, rest))
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error
    }
  }
  process.exit(code)
}
