// The app behind every peer: a Kestrel with the IIS integration, which refuses what does not carry the pairing token.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { publish } from '../../config/scripts/publish-test-apps.mjs'
import { freePort, start, untilListening } from './children.mjs'

/** Every peer but the daemons, which make their own, has this one to send. */
export const token = randomBytes(32).toString('hex')

/** What a client must send that asks the app itself, or through a relay that adds nothing. */
export const tokenFields = {
  'MS-ASPNETCORE-TOKEN': token,
  'X-Forwarded-For': '127.0.0.1:49152',
  'X-Forwarded-Proto': 'http',
}

/** Publishes the app, once for each of its versions; the command that starts it. */
export async function appCommand() {
  const [[, folder]] = await publish(['bench-backend'])
  return ['dotnet', join(folder, 'Backend.dll')]
}

/**
 * Starts the app by itself, as the daemon would: {child, port}. In a session of its own too, because Linux shares a core out
 * between sessions: idle .NET threads yield it only to their own, and an app in the session of proxy and load would be quicker.
 */
export async function startApp(command, core, pause) {
  const port = await freePort()
  const env = { ASPNETCORE_PORT: String(port), ASPNETCORE_TOKEN: token, ASPNETCORE_APPL_PATH: '/' }
  const child = start(command, { env, core, detached: true })
  await untilListening(child, port, pause)
  return { child, port }
}
