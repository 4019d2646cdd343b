import { describe, expect, test } from 'vitest'
import { startDaemon } from '../support/daemon.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { EchoSocket } from '../support/echo-socket.ts'
import { copyApp, editWebConfig } from '../support/folders.ts'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

async function switchedOff(folder: string): Promise<string> {
  const file = join(folder, 'web.config')
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace('</handlers>', '</handlers><webSocket enabled="false" pingInterval="00:00:10" />'))
  await editWebConfig(folder, {})
  return folder
}

describe.each([
  { name: 'Node app', runs: true, copy: () => copyApp('node-twin') },
  { name: 'ASP.NET Core app', runs: hasDotnet, copy: () => dotnetApp('test-app') },
])('<webSocket enabled="false">, $name', ({ runs, copy }) => {
  test.skipIf(!runs)('a handshake is an ordinary request, and the app knows that there are no WebSockets', async () => {
    const daemon = await startDaemon(await switchedOff(await copy()))
    expect(await daemon.text('/UpgradeFeatureDetection')).toBe('Disabled')
    await expect(EchoSocket.open(daemon.port)).rejects.toThrow(/Unexpected server response: [2345]/)
    const upgrade = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' }
    const { status, text } = await daemon.send('/HelloWorld', { headers: upgrade })
    expect([status, text]).toEqual([200, 'Hello World'])
  })
})
