import { expect, test } from 'vitest'
import { authenticationOf } from '../../../../src/site/users/enabled-schemes.ts'

const at = { file: '/srv/web.config', line: 1, column: 1 }
const basic = { 'security/authentication': { anonymous: false, basic: { at, realm: 'x', usersFile: '/users' } } }
const windows = { at, providers: ['Negotiate'], groups: 'none' }

test('everybody is anonymous where nothing else is said', () => {
  expect(authenticationOf({ sections: {} })).toEqual(['anonymous'])
})

test('an application has the kinds of authentication that it enables', () => {
  expect(authenticationOf({ sections: basic })).toEqual(['basic'])
  const both = { 'security/authentication': { anonymous: true, windows } }
  expect(authenticationOf({ sections: both })).toEqual(['windows', 'anonymous'])
})

test('and those of its parts, because they have one process', () => {
  expect(authenticationOf({ sections: {}, parts: [{ path: '/admin', handlers: [], sections: basic }] })).toEqual([
    'basic',
    'anonymous',
  ])
})
