import { describe, expect, test } from 'vitest'
import { ipSecurity } from '../../src/site/modules/ip-restriction/ip-security.ts'
import { stepsFor } from '../unit/site/modules/section.ts'
import { engines } from './engines.ts'
import { GET, openSite } from './open-site.ts'

describe.each(engines)('a client that ipSecurity denies, through $name', (engine) => {
  const deny = (attributes: string) =>
    stepsFor(ipSecurity, [`<ipSecurity ${attributes}><add ipAddress="127.0.0.1" /></ipSecurity>`])

  test('gets its page, and nothing reaches the app', async () => {
    const { app, client } = await openSite(engine, [deny('')])
    client.send(GET)
    expect(await client.until('</html>')).toContain('<title>HTTP Error 403.503 - Forbidden</title>')
    expect(app.requests).toEqual([])
  })

  test('gets no bytes with denyAction="AbortRequest"', async () => {
    const { app, client } = await openSite(engine, [deny('denyAction="AbortRequest"')])
    client.send(GET)
    expect(await client.ended).toBe('reset')
    expect(client.received).toBe('')
    expect(app.requests).toEqual([])
  })
})
