import { describe, expect, test } from 'vitest'
import { expand, variable } from '../../../src/config/expand.ts'

const environment = { Home: '/home/shop', EMPTY: '', NESTED: '%Home%', UNSET: undefined, ASPNETCORE_PORT: '5000' }

describe('%NAME%', () => {
  test.each([
    ['%HOME%\\site', '/home/shop\\site'],
    ['%home%%Home%', '/home/shop/home/shop'],
    ['[%EMPTY%]', '[]'],
    ['%NESTED%', '%Home%'],
    ['%NOBODY%\\x', '%NOBODY%\\x'],
    ['%UNSET%', '%UNSET%'],
    ['100%HOME%', '100/home/shop'],
    ['50% of %HOME%', '50% of /home/shop'],
    ['%NOBODY%HOME%', '%NOBODY/home/shop'],
    ['%%HOME%%', '%/home/shop%'],
    ['%', '%'],
    ['%%', '%%'],
    ['$HOME ${HOME} !HOME!', '$HOME ${HOME} !HOME!'],
    ['--port %ASPNETCORE_PORT% %http_platform_port%', '--port %ASPNETCORE_PORT% %http_platform_port%'],
  ])('in %s gives %s', (text, expected) => {
    expect(expand(text, environment).text).toBe(expected)
  })

  test('without a value is reported once, but not where it is no name, or the name of the port', () => {
    expect(expand('%A% %B% %A% 5% off 10% %ASPNETCORE_PORT% %home%', environment).unknown).toEqual(['A', 'B'])
  })
})

test('a variable is found in any letter case, but its exact spelling wins', () => {
  expect(variable({ path: 'lower', PATH: 'upper' }, 'PATH')).toBe('upper')
  expect(variable({ path: 'lower' }, 'PATH')).toBe('lower')
  expect(variable({}, 'constructor')).toBeUndefined()
})
