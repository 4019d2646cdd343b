import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { portSetting, readBindings, tlsOptions } from '../../../src/cli/binding-options.ts'
import { readOptions } from '../../../src/cli/options.ts'
import type { BindingConfig } from '../../../src/config/model.ts'

const specs = [{ name: 'port', value: 'N', summary: '' }, { name: 'host', value: 'ADDR', summary: '' }, ...tlsOptions]

function read(line: string): ReturnType<typeof readBindings> {
  const given = readOptions(line.split(' '), specs, 0)
  if (!given.ok) return given
  return readBindings(given.value)
}

function bindings(line: string): readonly BindingConfig[] {
  const outcome = read(line)
  if (!outcome.ok) throw new Error(outcome.failure.message)
  return outcome.value
}

function https(line: string): readonly BindingConfig[] {
  return bindings(line).filter(({ protocol }) => protocol === 'https')
}

function refusal(line: string): string {
  const outcome = read(line)
  return outcome.ok ? '' : outcome.failure.message
}

/** Files by their names, `-` for none. */
function files(binding: BindingConfig | undefined): string[] {
  const { tls } = binding ?? {}
  if (tls === undefined) return []
  return [tls, ...(tls.alternatives ?? [])].map(({ certificate, key, passphraseFile }) => {
    return [certificate, key, passphraseFile].map((path) => path?.replace(resolve(), '').slice(1) ?? '-').join(' ')
  })
}

describe('the ports of run', () => {
  test('are http on 80 without options, and beside --https-port too', () => {
    expect(bindings('--host ::1')).toMatchObject([{ protocol: 'http', port: 80, address: '::1' }])
    expect(bindings('--https-port 0 --cert a')).toMatchObject([{ port: 80 }, { protocol: 'https', port: 0 }])
    expect(bindings('--port 1 --https-port 2 --cert a')).toMatchObject([{ port: 1 }, { port: 2, protocol: 'https' }])
  })

  test('are changed where they were written', () => {
    const [http, https] = bindings('--https-port 0 --cert a') as [BindingConfig, BindingConfig]
    expect([portSetting(http), portSetting(https)]).toEqual(['--port', '--https-port'])
    const at = { file: 'ancmd.config', line: 3, column: 5 }
    expect(portSetting({ ...http, at })).toBe('its bindingInformation')
  })

  test('have each the certificates given after it, and each certificate its own key and passphrase', () => {
    const two = https('--https-port 1 --cert a --key k --cert b --passphrase-file p --https-port 2 --cert c')
    expect(files(two[0])).toEqual(['a k -', 'b - p'])
    expect(files(two[1])).toEqual(['c - -'])
  })

  test('take their files in any order where only one is meant', () => {
    expect(files(https('--key k --cert a --passphrase-file p --https-port 1')[0])).toEqual(['a k p'])
    expect(https('--https-port 1 --https-port 2 --cert a').map(files)).toEqual([['a - -'], ['a - -']])
  })

  test('ask for client certificates on every https port', () => {
    const modes = https('--https-port 1 --https-port 2 --cert a --client-certificates require')
    expect(modes.map(({ tls }) => tls?.clientCertificates)).toEqual(['require', 'require'])
  })

  test.each([
    ['--cert a', 'option --cert needs --https-port N'],
    ['--client-certificates accept', 'option --client-certificates needs --https-port N'],
    ['--https-port 443', 'option --https-port 443 needs --cert FILE'],
    ['--https-port x --cert a', "option --https-port takes a whole number from 0 to 65535, not 'x'"],
    ['--https-port 1 --key k', 'option --key needs --cert FILE before it'],
    ['--https-port 1 --cert a --key k --key l', 'option --key is given twice for one --cert'],
    ['--port 8443 --https-port 8443 --cert a', 'names a port that --port or --https-port has already'],
    ['--https-port 1 --https-port 1 --cert a', 'names a port that --port or --https-port has already'],
    ['--https-port 80 --cert a', 'names a port that --port or --https-port has already'],
    ['--https-port 1 --cert a --client-certificates maybe', 'takes ignore or accept or require'],
  ])('%s is refused', (line, message) => {
    expect(refusal(line)).toContain(message)
  })
})
