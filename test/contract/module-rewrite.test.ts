import { describe, expect, test } from 'vitest'
import { rewrite } from '../../src/site/modules/rewrite/rewrite.ts'
import { stepsFor } from '../unit/site/modules/section.ts'
import { engines } from './engines.ts'
import { GET, openSite, say } from './open-site.ts'

const rules = (inside: string): string =>
  `<rewrite><rules><rule name="r"><match url="^old$" />${inside}</rule></rules></rewrite>`
const rewriting = (file: string) => [stepsFor(rewrite, [file])]
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

describe.each(engines)('URL Rewrite in front of $name', (engine) => {
  test('gives the application the new address, the old one, and the rest of the request', async () => {
    const file = rules('<action type="Rewrite" url="new/{QUERY_STRING}" />')
    const { app, client } = await openSite(engine, rewriting(file), say(OK))
    client.send(GET.replace('X-Secret: 1', 'X-Original-URL: /forged\r\nx_original_url: /too\r\nX-Secret: 1'))
    await client.until(/ok$/)
    const [request] = app.requests
    expect(request?.target).toBe('/new/q?q')
    const fields = request?.fields.map(([name, value]) => `${name.toLowerCase()}: ${value}`) ?? []
    expect(fields).toContain('x-secret: 1')
    expect(fields.filter((field) => /original/.test(field))).toEqual(['x-original-url: /old?q'])
  })

  test('keeps the body of a request', async () => {
    const file = rules('<action type="Rewrite" url="new" />')
    const { app, client } = await openSite(engine, rewriting(file), say(OK))
    client.send('POST /old HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n')
    await client.until(/ok$/)
    expect(app.requests[0]).toMatchObject({ target: '/new', body: 'body' })
  })

  test('redirects without asking the application, and goes on with the next request', async () => {
    const file = rules('<action type="Redirect" url="new" redirectType="Found" />')
    const { app, client } = await openSite(engine, rewriting(file), say(OK))
    client.send(GET)
    await client.until(/^HTTP\/1\.1 302 Found\r\n[^]*Location: \/new\?q\r\n[^]*<\/html>\n$/)
    client.send(GET.replace('/old', '/other'))
    await client.until(/ok$/)
    expect(app.requests.map(({ target }) => target)).toEqual(['/other?q'])
  })

  test('ends the connection without a byte, where a rule says so', async () => {
    const { app, client } = await openSite(engine, rewriting(rules('<action type="AbortRequest" />')), say(OK))
    client.send(GET)
    await client.untilEnded()
    expect(client.received).toBe('')
    expect(app.requests).toEqual([])
  })

  test('asks the file system without holding up a request', async () => {
    const inside =
      '<conditions><add input="{REQUEST_FILENAME}" matchType="IsFile" negate="true" /></conditions><action type="Rewrite" url="index" />'
    const { app, client } = await openSite(engine, rewriting(rules(inside)), say(OK))
    client.send(GET + GET.replace('/old', '/other'))
    await client.until(/ok[^]*ok$/)
    expect(app.requests.map(({ target }) => target)).toEqual(['/index?q', '/other?q'])
  })

  test('changes header fields of responses by outbound rules', async () => {
    const file = `<rewrite><outboundRules>
      <rule name="a"><match serverVariable="RESPONSE_Server" pattern=".+" /><action type="Rewrite" value="" /></rule>
      <rule name="b" preCondition="moved"><match serverVariable="RESPONSE_Location" pattern="^http://([^/]+)/(.*)" />
        <action type="Rewrite" value="https://{HTTP_HOST}/{R:2}" /></rule>
      <rule name="c"><match serverVariable="RESPONSE_X_New" pattern="" /><action type="Rewrite" value="added" /></rule>
      <preConditions><preCondition name="moved"><add input="{RESPONSE_STATUS}" pattern="^3" /></preCondition></preConditions>
    </outboundRules></rewrite>`
    const answer =
      'HTTP/1.1 301 Moved\r\nServer: Kestrel\r\nLocation: http://inside:5000/a?b\r\nContent-Length: 2\r\n\r\nok'
    const { client } = await openSite(engine, rewriting(file), say(answer))
    client.send(GET)
    const received = await client.until(/ok$/)
    expect(received).toContain('\r\nLocation: https://h/a?b\r\n')
    expect(received).toMatch(/\r\nx-new: added\r\n/i)
    expect(received).not.toContain('Kestrel')
  })
})
