import { describe, expect, test } from 'vitest'
import { environment } from '../child-environment.ts'

describe('what every ASP.NET Core app is given', () => {
  test('has the variables of the pairing', () => {
    expect(environment()).toEqual({
      ASPNETCORE_HOSTINGSTARTUPASSEMBLIES: 'Microsoft.AspNetCore.Server.IISIntegration',
      ASPNETCORE_ANCM_HTTPS_PORT: '',
      ASPNETCORE_IIS_PHYSICAL_PATH: '/srv/www/',
      ASPNETCORE_IIS_VERSION: '10.0',
      ASPNETCORE_IIS_APP_POOL_ID: 'DefaultAppPool',
      ASPNETCORE_IIS_SITE_NAME: 'www',
      ASPNETCORE_IIS_SITE_ID: '1',
      ASPNETCORE_IIS_APP_CONFIG_PATH: 'MACHINE/WEBROOT/APPHOST/www',
      ASPNETCORE_IIS_APPLICATION_ID: '/LM/W3SVC/1/ROOT',
      ASPNETCORE_IIS_APPLICATION_VIRTUAL_PATH: '/',
      ASPNETCORE_IIS_HTTPAUTH: 'anonymous;',
      ASPNETCORE_IIS_WEBSOCKETS_SUPPORTED: 'true',
      ASPNETCORE_PORT: '12345',
      ASPNETCORE_APPL_PATH: '/',
      ASPNETCORE_TOKEN: 't-o-k',
      ASPNETCORE_URLS: 'http://127.0.0.1:12345',
      ANCMD_START: 'm-a-r-k',
    })
  })

  test.each([
    [['anonymous'], 'anonymous;'],
    [['anonymous', 'windows'], 'windows;anonymous;'],
    [['basic'], 'basic;'],
    [['anonymous', 'basic', 'windows'], 'windows;basic;anonymous;'],
    [[], 'none'],
  ] as const)('is told which kinds of authentication are enabled: %j', (authentication, value) => {
    const given = environment({ authentication, variables: { aspnetcore_iis_httpauth: 'ignored' } })
    expect(given['ASPNETCORE_IIS_HTTPAUTH']).toBe(value)
    expect(given).not.toHaveProperty('aspnetcore_iis_httpauth')
  })

  test('has the token in a program of <httpPlatform> only if that reads who the user is', () => {
    expect(environment({ kind: 'httpPlatform' })).not.toHaveProperty('ASPNETCORE_TOKEN')
    expect(environment({ kind: 'httpPlatform', userForwarding: 'header' })).toMatchObject({ ASPNETCORE_TOKEN: 't-o-k' })
  })

  test('has the path of a child application', () => {
    const given = environment({ path: '/sub' })
    expect(given['ASPNETCORE_APPL_PATH']).toBe('/sub')
    expect(given['ASPNETCORE_IIS_APPLICATION_ID']).toBe('/LM/W3SVC/1/ROOT/sub')
  })

  test('has the variables of its pool, which replace those of the daemon and are replaced by those of web.config', () => {
    const given = environment({
      inherited: { A: 'the daemon', B: 'the daemon', C: 'the daemon', PORT: '80' },
      pool: { b: 'the pool', C: 'the pool', PORT: '81' },
      variables: { c: 'web.config' },
    })
    expect(given).toMatchObject({ A: 'the daemon', B: 'the pool', C: 'web.config', PORT: '81' })
    expect(given['ASPNETCORE_IIS_APP_POOL_ID']).toBe('shop')
    expect(given['ASPNETCORE_IIS_APP_POOL_CONFIG_FILE']).toBe('/etc/ancmd.config')
  })

  test('has the port of the one https binding', () => {
    expect(environment({ httpsPort: 443 })['ASPNETCORE_ANCM_HTTPS_PORT']).toBe('443')
    const own = environment({ httpsPort: 443, variables: { ASPNETCORE_ANCM_HTTPS_PORT: '123' } })
    expect(own['ASPNETCORE_ANCM_HTTPS_PORT']).toBe('123')
  })

  test('overrides pairing variables that we inherited ourselves', () => {
    const inherited = {
      ASPNETCORE_PORT: '1',
      ASPNETCORE_TOKEN: 'theirs',
      ASPNETCORE_URLS: 'http://*:80',
      aspnetcore_port: '2',
    }
    const given = environment({ inherited })
    expect(given).toMatchObject({
      ASPNETCORE_PORT: '12345',
      ASPNETCORE_TOKEN: 't-o-k',
      ASPNETCORE_URLS: 'http://127.0.0.1:12345',
    })
    expect(given).not.toHaveProperty('aspnetcore_port')
  })
})

describe('web.config', () => {
  test.each([
    'ASPNETCORE_APPL_PATH',
    'ASPNETCORE_IIS_HTTPAUTH',
    'ASPNETCORE_IIS_WEBSOCKETS_SUPPORTED',
    'ASPNETCORE_IIS_PHYSICAL_PATH',
  ])('cannot set %s', (name) => {
    const given = environment({ variables: { [name.toLowerCase()]: 'ignored' } })
    expect(Object.values(given)).not.toContain('ignored')
  })

  test('sets ASPNETCORE_HOSTINGSTARTUPASSEMBLIES as it is', () => {
    const variables = { ASPNETCORE_HOSTINGSTARTUPASSEMBLIES: 'Mine' }
    const given = environment({ variables, inherited: { ASPNETCORE_HOSTINGSTARTUPASSEMBLIES: 'Theirs' } })
    expect(given['ASPNETCORE_HOSTINGSTARTUPASSEMBLIES']).toBe('Mine')
  })

  test('sets ASPNETCORE_URLS as it is, with the port filled in', () => {
    const given = environment({ variables: { aspnetcore_urls: 'http://localhost:%ASPNETCORE_PORT%/' } })
    expect(given['aspnetcore_urls']).toBe('http://localhost:12345/')
    expect(given).not.toHaveProperty('ASPNETCORE_URLS')
  })

  test('replaces an inherited variable whatever the letter case, under the inherited name', () => {
    const inherited = { ASPNETCORE_ENVIRONMENT: 'Production', PATH: '/bin' }
    const given = environment({ inherited, variables: { aspnetcore_environment: 'Development', Path: '/opt/bin' } })
    expect(given['ASPNETCORE_ENVIRONMENT']).toBe('Development')
    expect(given['PATH']).toBe('/opt/bin')
    expect(Object.keys(given).filter((name) => /^(path|aspnetcore_environment)$/i.test(name))).toHaveLength(2)
  })

  test('replaces both of two inherited names that differ in case only', () => {
    const inherited = { http_proxy: 'http://a', HTTP_PROXY: 'http://b' }
    expect(environment({ inherited })).toMatchObject(inherited)
    const given = environment({ inherited, variables: { HTTP_PROXY: '' } })
    expect(given['HTTP_PROXY']).toBe('')
    expect(given).not.toHaveProperty('http_proxy')
  })

  test('may set an empty value and a long one', () => {
    const long = 'x'.repeat(402)
    expect(environment({ variables: { EMPTY: '', LONG: long } })).toMatchObject({ EMPTY: '', LONG: long })
  })

  test.each([
    '1',
    'true',
    'TRUE',
  ])('loses against inherited variables when ANCM_PREFER_ENVIRONMENT_VARIABLES is %s', (value) => {
    const inherited = { ANCM_PREFER_ENVIRONMENT_VARIABLES: value, Mine: 'inherited', ASPNETCORE_TOKEN: 'theirs' }
    const given = environment({ inherited, variables: { MINE: 'written', OTHER: 'written' } })
    expect(given).toMatchObject({ Mine: 'inherited', OTHER: 'written', ASPNETCORE_TOKEN: 't-o-k' })
  })
})

describe('inherited variables', () => {
  test('go through, in their order', () => {
    const given = environment({ inherited: { HOME: '/root', B: '2', A: '1', GONE: undefined }, variables: { b: '3' } })
    expect(Object.entries(given).slice(0, 3)).toEqual([
      ['HOME', '/root'],
      ['B', '3'],
      ['A', '1'],
    ])
    expect(given).not.toHaveProperty('GONE')
  })

  test.each([
    'PORT',
    'NOTIFY_SOCKET',
    'LISTEN_FDS',
    'LISTEN_PID',
    'LISTEN_FDNAMES',
    'WATCHDOG_USEC',
    'WATCHDOG_PID',
    'SYSTEMD_EXEC_PID',
    'FDSTORE',
    'MAINPID',
    'NODE_CHANNEL_FD',
    'NODE_UNIQUE_ID',
    'ANCMD_ANYTHING',
    'notify_socket',
  ])('%s stays with the daemon', (name) => {
    expect(environment({ inherited: { [name]: 'x' } })).not.toHaveProperty(name)
  })

  test.each(['SUPPORT', 'MY_NOTIFY_SOCKET', 'PORTS', 'MAINPID2'])('%s is passed on', (name) => {
    expect(environment({ inherited: { [name]: 'x' } })[name]).toBe('x')
  })

  test('with hosting startup assemblies are extended, not replaced', () => {
    const name = 'ASPNETCORE_HOSTINGSTARTUPASSEMBLIES'
    const integration = 'Microsoft.AspNetCore.Server.IISIntegration'
    expect(environment({ inherited: { [name]: 'Theirs' } })[name]).toBe(`Theirs;${integration}`)
    expect(environment({ inherited: { [name]: '' } })[name]).toBe(integration)
    for (const there of [`Theirs; ${integration.toLowerCase()}`, `${integration};Theirs`, integration.toUpperCase()]) {
      expect(environment({ inherited: { [name]: there } })[name]).toBe(there)
    }
    const similar = `${integration}.Extras`
    expect(environment({ inherited: { [name]: similar } })[name]).toBe(`${similar};${integration}`)
  })
})

describe('a program of an <httpPlatform> section', () => {
  test('is given its port and no pairing', () => {
    const inherited = { ASPNETCORE_TOKEN: 'theirs', ASPNETCORE_PORT: '1', ASPNETCORE_APPL_PATH: '/', PATH: '/bin' }
    expect(environment({ kind: 'httpPlatform', inherited })).toEqual({
      PATH: '/bin',
      ANCMD_START: 'm-a-r-k',
      HTTP_PLATFORM_PORT: '12345',
      ASPNETCORE_URLS: 'http://127.0.0.1:12345',
    })
  })

  test('has the port in place of the placeholders in values', () => {
    const variables = {
      PORT: '%HTTP_PLATFORM_PORT%',
      ASPNETCORE_PORT: '%http_platform_port%',
      JAVA_OPTS: '-Dport=%HTTP_PLATFORM_PORT%',
    }
    expect(environment({ kind: 'httpPlatform', variables })).toMatchObject({
      PORT: '12345',
      ASPNETCORE_PORT: '12345',
      JAVA_OPTS: '-Dport=12345',
    })
  })
})
