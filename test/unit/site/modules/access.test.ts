import { describe, expect, test } from 'vitest'
import { problemLine, Problems } from '../../../../src/config/problems.ts'
import { SourceText } from '../../../../src/config/source-text.ts'
import { parseXml } from '../../../../src/config/xml/xml.ts'
import type { Connection } from '../../../../src/http/exchange.ts'
import { access } from '../../../../src/site/modules/access.ts'
import type { ApplicationFacts } from '../../../../src/site/modules/module.ts'
import { exchangeOf } from '../support.ts'

/** What the files come to, outermost first; each is an `<access>` element. */
function read(...files: readonly string[]) {
  const problems = new Problems()
  const elements = files.map((text, i) => {
    const parsed = parseXml(new SourceText(`${String(i)}.config`, text))
    if (!parsed.ok) throw new Error('not XML')
    return parsed.value
  })
  const settings = access.section?.read(elements, { physicalPath: '/srv', environment: {}, problems })
  return { settings, lines: problems.list.map(problemLine) }
}

const flags = (sslFlags: string): string => `<access sslFlags="${sslFlags}" />`

describe('<access>', () => {
  test('has its flags in any order and letter case', () => {
    expect(read(flags(' sslRequireCert ,SSL,Ssl')).settings).toEqual({ sslFlags: ['Ssl', 'SslRequireCert'] })
  })

  test('demands nothing where it is not written, or says None', () => {
    for (const files of [[], ['<access />'], [flags('None')], [flags('')]]) {
      expect(read(...files)).toEqual({ settings: undefined, lines: [] })
    }
  })

  test('of an inner file replaces that of an outer one', () => {
    expect(read(flags('Ssl'), flags('Ssl128')).settings).toEqual({ sslFlags: ['Ssl128'] })
    expect(read(flags('Ssl'), flags('None')).settings).toBeUndefined()
    expect(read(flags('Ssl'), '<access />').settings).toEqual({ sslFlags: ['Ssl'] })
  })

  test.each([
    'SSL3',
    'Ssl;Ssl128',
    'None, Ssl',
    'Ssl,',
    '1',
  ])('with sslFlags="%s" is an error, with the cure', (text) => {
    const { settings, lines } = read(flags(text))
    expect(settings).toBeUndefined()
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/0\.config:1:\d+: error: .* Write None, or one or several of Ssl, SslNegotiateCert/)
  })

  test('with SslMapCert says that it maps nobody', () => {
    expect(read(flags('Ssl, SslMapCert')).lines).toEqual([expect.stringContaining('notice: SslMapCert')])
  })
})

type Client = Partial<Pick<Connection, 'scheme' | 'tls' | 'proxy'>>

function refusal(sslFlags: string, client: Client): string | undefined {
  const { settings } = read(flags(sslFlags))
  if (settings === undefined) throw new Error('no settings')
  const exchange = exchangeOf()
  const answer = access.create(settings, {} as ApplicationFacts).gate?.({
    ...exchange,
    connection: { ...exchange.connection, ...client },
  })
  return answer !== undefined && 'failure' in answer ? answer.failure.kind : undefined
}

describe('a request under sslFlags', () => {
  const tls = { serverName: '', settings: {}, clientCertificateStatus: 'none', keyBits: 256 } as const
  const https: Client = { scheme: 'https', tls }
  const http: Client = { scheme: 'http' }
  const { connection: proxy } = exchangeOf()

  test.each<[string, string, Client, string | undefined]>([
    ['Ssl', 'http', http, 'ssl-required'],
    ['Ssl', 'https', https, undefined],
    ['Ssl', 'https to a trusted proxy', { scheme: 'https', proxy }, undefined],
    ['Ssl', 'http to a trusted proxy that asks over https', { ...https, scheme: 'http', proxy }, 'ssl-required'],
    ['Ssl128', 'http', http, 'ssl-128-required'],
    ['Ssl128', 'weak https', { scheme: 'https', tls: { ...tls, keyBits: 112 } }, 'ssl-128-required'],
    ['Ssl, Ssl128', 'https', https, undefined],
    ['Ssl, SslNegotiateCert', 'https without a certificate', https, undefined],
    ['Ssl, SslRequireCert', 'http', http, 'ssl-required'],
    ['SslRequireCert', 'http', http, 'certificate-required'],
    ['SslRequireCert', 'https without a certificate', https, 'certificate-required'],
    ['SslRequireCert', 'https to a trusted proxy', { scheme: 'https', proxy }, 'certificate-required'],
    ...(['untrusted', 'expired'] as const).map((clientCertificateStatus): [string, string, Client, string] => [
      'SslRequireCert',
      `https with a certificate that is ${clientCertificateStatus}`,
      { scheme: 'https', tls: { ...tls, clientCertificateStatus } },
      `certificate-${clientCertificateStatus}`,
    ]),
    [
      'Ssl, SslRequireCert',
      'https with a certificate',
      { scheme: 'https', tls: { ...tls, clientCertificateStatus: 'trusted' } },
      undefined,
    ],
  ])('%s over %s', (sslFlags, _over, client, kind) => {
    expect(refusal(sslFlags, client)).toBe(kind)
  })
})
