import { expect, test } from 'vitest'
import { AddressSet, isNetwork } from '../../../src/platform/address-set.ts'

function setOf(...texts: string[]): AddressSet {
  const set = AddressSet.of(texts)
  if (!set.ok) throw new Error(`not an address: ${set.failure}`)
  return set.value
}

test.each([
  ['10.0.0.0/8', ['10.0.0.0', '10.255.255.255', '::ffff:10.1.2.3', '::ffff:0a01:0203'], ['9.255.255.255', '11.0.0.0']],
  ['192.0.2.7', ['192.0.2.7', '::ffff:192.0.2.7'], ['192.0.2.6', '192.0.2.8']],
  ['10.128.0.5/9', ['10.128.0.0', '10.255.0.1'], ['10.127.255.255']],
  ['0.0.0.0/0', ['0.0.0.0', '255.255.255.255'], ['2001:db8::1']],
  ['::/0', ['::', '2001:db8::1'], []],
  ['2001:db8::/33', ['2001:db8:7fff::1'], ['2001:db8:8000::1', '2001:db7:ffff::']],
  ['fe80::/10', ['fe80::1', 'fe80::1%eth0'], ['fec0::1']],
  ['::1', ['::1', '0:0:0:0:0:0:0:1'], ['::2', '127.0.0.1']],
  ['::ffff:10.0.0.0/104', ['10.1.1.1', '::ffff:10.1.1.1'], ['11.0.0.1']],
])('%s has its addresses, in every spelling, and no others', (text, inside, outside) => {
  const set = setOf(text)
  for (const address of inside) expect([address, set.has(address)]).toEqual([address, true])
  for (const address of outside) expect([address, set.has(address)]).toEqual([address, false])
})

test('a set has the addresses of all its networks', () => {
  const set = setOf('10.0.0.0/8', '2001:db8::/32', '127.0.0.1')
  expect(['10.1.1.1', '2001:db8::9', '127.0.0.1', '127.0.0.2'].map((address) => set.has(address))).toEqual([
    true,
    true,
    true,
    false,
  ])
})

test('a text that is no address is in no set, also not in that of all addresses', () => {
  const all = setOf('0.0.0.0/0', '::/0')
  for (const text of ['', 'unknown', '1.2.3', '1.2.3.4:5', '[::1]', '1.2.3.4/8', '010.0.0.1', ' 1.2.3.4'])
    expect([text, all.has(text)]).toEqual([text, false])
})

test('the empty set has nothing', () => {
  expect(AddressSet.none.isEmpty).toBe(true)
  expect(setOf().has('127.0.0.1')).toBe(false)
  expect(setOf('127.0.0.1').isEmpty).toBe(false)
})

test.each([
  '',
  'example.org',
  '10.0.0.0/33',
  '::/129',
  '10.0.0.0/',
  '10.0.0.0/-1',
  '10.0.0.0/8/8',
  '10.0.0/8',
  '10.0.0.0/255.0.0.0',
  'fe80::1%eth0',
  '10.0.0.0 /8',
  '10.0.0.0/1e1',
])('%j is refused', (text) => {
  expect(AddressSet.of(['127.0.0.1', text])).toEqual({ ok: false, failure: text })
  expect(isNetwork(text)).toBe(false)
})
