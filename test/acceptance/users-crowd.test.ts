import { Agent } from 'node:http'
import { beforeAll, describe, expect, test } from 'vitest'
import { canShowAccounts, withAccounts } from '../support/accounts.ts'
import { intranetApp } from '../support/auth-app.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { buildStartupHooks, hasDotnet } from '../support/dotnet-apps.ts'
import { atTheEnd } from '../support/ending.ts'
import { hasKerberos, Kdc } from '../support/kdc.ts'

const crowd = Array.from({ length: 500 }, (_, i) => `user${String(i)}`)
const roleOf = (user: string): string => user.replace('user', 'role')

interface Asked {
  readonly user: string
  readonly ticket: string
}

/** Whom the app takes each of them for, if it is somebody else; all ask at once. */
async function mistaken(daemon: Daemon, asked: readonly Asked[], maxSockets: number): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets })
  atTheEnd(() => {
    agent.destroy()
  })
  const answers = await Promise.all(
    asked.map(async ({ user, ticket }) => {
      const { status, text } = await daemon.send('/whoami', { headers: { Authorization: ticket }, agent })
      if (status !== 200) return `${user}: ${String(status)} ${text}`
      const { name, roles } = JSON.parse(text) as { name: string; roles: string }
      const expected = [`${user}@TEST.LOCAL`, ['all', roleOf(user)].sort().join()]
      return [name, roles.split(',').sort().join()].join() === expected.join() ? [] : `${user}: ${name} ${roles}`
    }),
  )
  agent.destroy()
  return answers.flat()
}

describe.skipIf(!hasKerberos || !hasDotnet || !canShowAccounts)('five hundred users with tickets of Kerberos', () => {
  let kdc: Kdc
  let daemon: Daemon
  let tickets: string[][]
  beforeAll(async () => {
    await buildStartupHooks()
    kdc = await Kdc.start([], crowd)
    tickets = await kdc.ticketsOfCrowd(crowd, 3)
    const folder = await intranetApp(kdc, {}, { windows: 'groups="system"', anonymous: false })
    const accounts = await withAccounts(new Map(crowd.map((user) => [user, roleOf(user)])))
    daemon = await startDaemon(folder, { environment: { ...kdc.daemonEnvironment, ...accounts } })
  })

  const asked = (at: number): Asked[] => crowd.map((user, i) => ({ user, ticket: tickets[i]?.[at] ?? '' }))

  test('authentication-negotiate: who ask at once over connections of their own get their own name and role each', async () => {
    expect(await mistaken(daemon, asked(0), crowd.length)).toEqual([])
    expect(daemon.seen('processStarted')).toHaveLength(1)
  })

  test('authentication-negotiate: who ask in any order over shared connections get their own name and role each', async () => {
    // Neighbours of the one half come between those of the other.
    const [there, back] = [asked(1), asked(2).reverse()]
    const mixed = there.flatMap((one, i) => [one, back[i] ?? one])
    expect(await mistaken(daemon, mixed, 13)).toEqual([])
    expect(daemon.seen('processStarted')).toHaveLength(1)
  })
})
