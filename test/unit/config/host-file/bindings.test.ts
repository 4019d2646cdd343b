import { describe, expect, test } from 'vitest'
import { readBindingInformation } from '../../../../src/config/host-file/binding-information.ts'
import type { BindingConfig } from '../../../../src/config/model.ts'
import { binding, createReader, hostFile, site } from './read.ts'

const reader = createReader()

async function bindingsOf(...bindings: readonly string[]): Promise<readonly BindingConfig[]> {
  return (await reader.config(hostFile(site(bindings.join(''))))).sites[0]?.bindings ?? []
}

async function problemsOf(...bindings: readonly string[]): Promise<readonly string[]> {
  const problems = await reader.problems(hostFile(site(`\n${bindings.join('\n')}`)))
  return problems.filter((line) => !line.includes('so nobody reaches it'))
}

describe('bindingInformation', () => {
  test.each([
    ['*:80:', undefined, 80, ''],
    [':8080:localhost', undefined, 8080, 'localhost'],
    [':5000:127.0.0.1', undefined, 5000, '127.0.0.1'],
    ['10.1.2.3:80:WWW.Example.org', '10.1.2.3', 80, 'www.example.org'],
    ['[::1]:80:name', '::1', 80, 'name'],
    ['[2001:DB8:0::1]:443:', '2001:db8::1', 443, ''],
    ['*:80:[2001:DB8::1]', undefined, 80, '[2001:db8::1]'],
    ['*:443:*.a.example', undefined, 443, '*.a.example'],
    ['*:0:', undefined, 0, ''],
    ['*:80:bücher.example', undefined, 80, 'xn--bcher-kva.example'],
    [' *:80: ', undefined, 80, ''],
  ])('%s', (written, address, port, hostName) => {
    expect(readBindingInformation(written)).toEqual({ ok: true, value: { address, port, hostName } })
  })

  test.each([
    ['', 'is no address, port and host.'],
    ['80', 'is no address, port and host.'],
    ['*:80', 'is no address, port and host.'],
    ['*', 'is no address, port and host.'],
    ['::1:80:name', 'is no address, port and host.'],
    [':[PORT]:localhost', 'is a template, whose port is to be filled in.'],
    ['*:eighty:', 'has the port "eighty".'],
    ['*:65536:', 'has the port "65536".'],
    ['*::', 'has the port "".'],
    ['localhost:80:', 'has "localhost" in place of an address.'],
    ['[10.0.0.1]:80:', 'has "[10.0.0.1]" in place of an address.'],
    ['*:80:*', 'has the host "*".'],
    ['*:80:www.*.example', 'has the host "www.*.example".'],
    ['*:80:w*.example', 'has the host "w*.example".'],
    ['*:80:a b', 'has the host "a b".'],
    ['*:80:a..b', 'has the host "a..b".'],
    ['*:80:*.10.0.0.1', 'has the host "*.10.0.0.1".'],
    ['*:80:[name]', 'has the host "[name]".'],
  ])('%s is refused, with a cure', (written, text) => {
    const read = readBindingInformation(written)
    expect(read.ok ? read : read.failure.text).toBe(text)
    expect(read.ok ? '' : read.failure.cure).toMatch(/^Write .*\.$/)
  })
})

describe('a binding', () => {
  test('of https has its certificate with absolute paths, the bits of sslFlags and what is asked of clients', async () => {
    const tls =
      'sslFlags="37" certificate="tls/www.pem" key="/etc/www.key" passphraseFile="%SITES%/pass" clientCertificates="Require" clientCa="ca.pem"'
    const [own, plain] = await bindingsOf(
      binding('*:443:a.example', tls, 'https'),
      binding('*:443:', 'certificate=".\\www.pfx"', 'HTTPS'),
    )
    const folder = reader.folder()
    expect(own).toEqual({
      protocol: 'https',
      address: undefined,
      port: 443,
      hostName: 'a.example',
      tls: {
        certificate: `${folder}/tls/www.pem`,
        key: '/etc/www.key',
        passphraseFile: '/srv/sites/pass',
        clientCertificates: 'require',
        clientCa: `${folder}/ca.pem`,
        http2: false,
        tls13: false,
      },
    })
    expect(plain?.tls).toEqual({
      certificate: `${folder}/www.pfx`,
      key: undefined,
      passphraseFile: undefined,
      clientCertificates: 'ignore',
      clientCa: undefined,
      http2: true,
      tls13: true,
    })
  })

  test('that differs from one before it in its certificate alone adds that certificate to it', async () => {
    const [both, ...others] = await bindingsOf(
      binding('*:443:A', 'certificate="/ec.pem" clientCertificates="accept"', 'https'),
      binding('*:443:a', 'certificate="/rsa.pem" key="/rsa.key" clientCertificates="accept"', 'https'),
    )
    expect(others).toEqual([])
    expect(both?.tls).toMatchObject({
      certificate: '/ec.pem',
      alternatives: [{ certificate: '/rsa.pem', key: '/rsa.key', passphraseFile: undefined }],
    })
  })

  test('of https without a certificate is not opened, with the cure', async () => {
    const text = hostFile(site(`${binding('*:80:')}\n${binding('*:443:', 'sslFlags="3"', 'https')}`))
    expect((await reader.config(text)).sites[0]?.bindings.map(({ port }) => port)).toEqual([80])
    expect(await reader.problems(text)).toEqual([
      '2:1: warning: This https binding has no certificate (there is no central certificate store here), so it is not opened. Add certificate="FILE.pem" key="FILE.key", or certificate="FILE.pfx" passphraseFile="FILE".',
    ])
  })

  test('of a protocol that is not HTTP is left out, all of them with one notice', async () => {
    const others = [
      binding('808:*', '', 'net.tcp'),
      binding('*', '', 'net.pipe'),
      binding('localhost', '', 'msmq.formatname'),
      binding('*:21:', '', 'ftp'),
      binding('809:*', '', 'net.tcp'),
    ]
    expect(await bindingsOf(binding('*:80:'), ...others)).toHaveLength(1)
    expect(await problemsOf(binding('*:80:'), ...others)).toEqual([
      '3:1: notice: These mean nothing here: bindings of the protocol net.tcp (lines 3, 7), bindings of the protocol net.pipe (line 4), bindings of the protocol msmq.formatname (line 5), bindings of the protocol ftp (line 6).',
    ])
  })

  test('expects a PROXY header where it says so', async () => {
    expect(
      await bindingsOf(binding('*:80:', 'proxyProtocol="true"'), binding('*:81:', 'proxyProtocol="false"')),
    ).toEqual([
      { protocol: 'http', address: undefined, port: 80, hostName: '', proxyProtocol: true },
      { protocol: 'http', address: undefined, port: 81, hostName: '' },
    ])
  })

  test.each([
    ['a template', [binding(':[PORT]:localhost')], '2:46: error: bindingInformation=":[PORT]:localhost" is a template'],
    [
      'http with a certificate',
      [binding('*:80:', 'certificate="a.pem"')],
      '2:66: error: A binding of the protocol http has no certificate.',
    ],
    ['an unknown bit', [binding('*:80:', 'sslFlags="128"')], '2:63: error: sslFlags="128" is out of range.'],
    [
      'a misspelt attribute',
      [binding('*:443:', 'certifcate="a.pem"', 'https')],
      '2:55: error: <binding> has no attribute "certifcate". Did you mean "certificate"?',
    ],
    [
      'clientCa for nobody',
      [binding('*:443:', 'certificate="a.pem" clientCa="b.pem"', 'https')],
      'clientCa has no effect',
    ],
    [
      'the same twice',
      [binding('*:80:A'), binding(':80:a')],
      '3:1: error: The same address, port and host name are bound on line 2 already.',
    ],
    [
      'two certificates, and two settings for them',
      [
        binding('*:443:', 'certificate="/a.pem"', 'https'),
        binding('*:443:', 'certificate="/b.pem" clientCertificates="require"', 'https'),
      ],
      '3:1: error: The same address, port and host name are bound on line 2 already.',
    ],
    [
      'one certificate twice',
      [binding('*:443:', 'certificate="/a.pem"', 'https'), binding('*:443:', 'certificate="/a.pem"', 'https')],
      '3:1: error: The same address, port and host name are bound on line 2 already.',
    ],
    [
      'http and https on one port',
      [binding('*:80:'), binding('10.0.0.1:80:', 'certificate="a.pem"', 'https')],
      '3:1: error: Port 80 is bound to http on line 2 already.',
    ],
    [
      'PROXY headers on a part of a listener',
      [binding('*:80:a', 'proxyProtocol="true"'), binding('*:80:b')],
      '3:1: error: proxyProtocol is not what it is on line 2 for the same port.',
    ],
  ])('%s is named with its place and cure', async (_what, bindings, expected) => {
    const problems = await problemsOf(...bindings)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(expected)
    expect(problems[0]).toMatch(/[.?]$/)
  })

  test('with port 0 may stand there several times, since each gets a port of its own', async () => {
    expect(await bindingsOf(binding('127.0.0.1:0:'), binding('127.0.0.1:0:'))).toHaveLength(2)
  })

  test('of another site with the same address, port and name is an error with both places', async () => {
    const text = hostFile(`${site(binding('*:80:'))}\n${site(binding('*:80:'), '', 'name="b" id="2"')}`)
    const problems = await reader.problems(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(/^2:\d+: error: The same address, port and host name are bound on line 1 already\./)
  })
})
