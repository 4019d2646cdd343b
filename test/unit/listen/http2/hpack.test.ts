import { describe, expect, test } from 'vitest'
import { HeadList } from '../../../../src/listen/http2/hpack/head-list.ts'
import { HpackDecoder } from '../../../../src/listen/http2/hpack/hpack-decoder.ts'
import { HpackEncoder } from '../../../../src/listen/http2/hpack/hpack-encoder.ts'

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex')
}

/** The fields of a block as `name: value`; undefined if it is malformed. */
function decode(decoder: HpackDecoder, block: Buffer): string[] | undefined {
  const list = new HeadList(1_000_000, 10_000)
  if (!decoder.decode(block, 0, block.length, list)) return undefined
  return list.fields.map(({ name, value }) => `${name}: ${value}`)
}

const firstRequest = [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com']
const thirdRequest = [
  ':method: GET',
  ':scheme: https',
  ':path: /index.html',
  ':authority: www.example.com',
  'custom-key: custom-value',
]
const requests = [firstRequest, [...firstRequest, 'cache-control: no-cache'], thirdRequest]

const firstResponse = [
  'cache-control: private',
  'date: Mon, 21 Oct 2013 20:13:21 GMT',
  'location: https://www.example.com',
]
const responses = [
  [':status: 302', ...firstResponse],
  [':status: 307', ...firstResponse],
  [
    ':status: 200',
    'cache-control: private',
    'date: Mon, 21 Oct 2013 20:13:22 GMT',
    'location: https://www.example.com',
    'content-encoding: gzip',
    'set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1',
  ],
]

/** The examples of RFC 7541 Appendix C that are whole sequences of blocks. */
const examples = [
  {
    name: 'C.3, requests without Huffman code',
    tableSize: 4_096,
    heads: requests,
    blocks: [
      '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
      '8286 84be 5808 6e6f 2d63 6163 6865',
      '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
    ],
  },
  {
    name: 'C.4, requests with Huffman code',
    tableSize: 4_096,
    heads: requests,
    blocks: [
      '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
      '8286 84be 5886 a8eb 1064 9cbf',
      '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
    ],
  },
  {
    name: 'C.5, responses without Huffman code and with evictions',
    tableSize: 256,
    heads: [[...(responses[0] as string[])], [...(responses[1] as string[])], [...(responses[2] as string[])]],
    blocks: [
      '4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
      '4803 3330 37c1 c0bf',
      '88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31',
    ],
  },
  {
    name: 'C.6, responses with Huffman code and with evictions',
    tableSize: 256,
    heads: responses,
    blocks: [
      '4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3',
      '4883 640e ffc1 c0bf',
      '88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07',
    ],
  },
]

describe('the decoder of header blocks', () => {
  test.each(examples)('reads $name (RFC 7541)', ({ tableSize, heads, blocks }) => {
    const decoder = new HpackDecoder(tableSize)
    expect(blocks.map((block) => decode(decoder, hex(block)))).toEqual(heads)
  })

  test.each([
    [
      'C.2.1, a literal with indexing',
      '400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572',
      'custom-key: custom-header',
    ],
    ['C.2.2, a literal without indexing', '040c 2f73 616d 706c 652f 7061 7468', ':path: /sample/path'],
    ['C.2.3, a literal that is never indexed', '1008 7061 7373 776f 7264 0673 6563 7265 74', 'password: secret'],
    ['C.2.4, an indexed field', '82', ':method: GET'],
  ])('reads %s', (_name, block, field) => {
    expect(decode(new HpackDecoder(4_096), hex(block))).toEqual([field])
  })

  test.each([
    ['index 0', '80'],
    ['an index beyond both tables', 'be'],
    ['a name beyond both tables', '7f00 00'],
    ['an integer that does not end', 'ffff ffff ffff ff'],
    ['an integer of more than 28 bits', 'ff80 8080 8001'],
    ['a literal without a value', '0001 61'],
    ['a literal that is longer than its block', '0001 6105 61'],
    ['Huffman code with the end symbol', '0001 6184 ffff ffff'],
    ['Huffman code with eight bits of padding', '0001 6182 1fff'],
    ['Huffman code whose padding has a zero', '0001 6181 18'],
    ['a table that is larger than allowed', '3fe2 1f'],
    ['a change of the table behind a field', '8220'],
  ])('refuses %s', (_name, block) => {
    expect(decode(new HpackDecoder(4_096), hex(block))).toBeUndefined()
  })

  test('evicts what does not fit, and empties the table for a field that is larger than it', () => {
    const decoder = new HpackDecoder(70)
    expect(decode(decoder, hex('4001 6101 31'))).toEqual(['a: 1'])
    expect(decode(decoder, hex('4001 6201 32'))).toEqual(['b: 2'])
    expect(decode(decoder, hex('be bf'))).toEqual(['b: 2', 'a: 1'])
    expect(decode(decoder, hex('4001 6301 33 be bf'))).toEqual(['c: 3', 'c: 3', 'b: 2'])
    expect(decode(decoder, Buffer.concat([hex('4001 64 28'), Buffer.alloc(40, 0x65), hex('be')]))).toBeUndefined()
  })
})

describe('the encoder of header blocks', () => {
  /** Encodes a status and fields. */
  function encode(encoder: HpackEncoder, status: number, ...fields: readonly (readonly [string, string])[]): Buffer {
    encoder.begin()
    encoder.status(status)
    for (const [name, value] of fields) encoder.field(name, value)
    return Buffer.from(encoder.bytes.subarray(0, encoder.length))
  }

  test('writes a field that repeats as one byte, and a decoder reads the same', () => {
    const encoder = new HpackEncoder()
    const decoder = new HpackDecoder(4_096)
    const fields = [
      ['content-type', 'text/plain'],
      ['server', 'Kestrel'],
      ['x-powered-by', 'ASP.NET'],
    ] as const
    const expected = [':status: 200', ...fields.map(([name, value]) => `${name}: ${value}`)]
    const first = encode(encoder, 200, ...fields)
    expect(decode(decoder, first)).toEqual(expected)
    const second = encode(encoder, 200, ...fields)
    expect(second).toHaveLength(4)
    expect(decode(decoder, second)).toEqual(expected)
  })

  test('writes an unusual field as a literal first, and into the table when it repeats', () => {
    const encoder = new HpackEncoder()
    const decoder = new HpackDecoder(4_096)
    const lengths = [1, 2, 3].map(() => {
      const block = encode(encoder, 404, ['x-tenant', 'contoso'])
      expect(decode(decoder, block)).toEqual([':status: 404', 'x-tenant: contoso'])
      return block.length
    })
    expect(lengths).toEqual([19, 19, 2])
  })

  test('never puts a cookie or a length into the table', () => {
    const encoder = new HpackEncoder()
    const fields = [
      ['set-cookie', 'a=1'],
      ['content-length', '12'],
    ] as const
    const blocks = [1, 2, 3].map(() => encode(encoder, 200, ...fields).toString('hex'))
    expect(new Set(blocks).size).toBe(1)
  })

  test('keeps to the table size of the client, and says so in the next block', () => {
    const encoder = new HpackEncoder()
    const decoder = new HpackDecoder(4_096)
    decode(decoder, encode(encoder, 200, ['server', 'a']))
    encoder.resize(0)
    encoder.resize(100)
    const block = encode(encoder, 200, ['server', 'a'])
    expect(block.subarray(0, 3)).toEqual(hex('203f 45'))
    expect(decode(decoder, block)).toEqual([':status: 200', 'server: a'])
    encoder.resize(0)
    const literal = encode(encoder, 200, ['server', 'a'])
    expect(literal).toEqual(hex('2088 0f27 0161'))
    expect(decode(decoder, literal)).toEqual([':status: 200', 'server: a'])
  })

  test('a decoder follows it through thousands of fields, sizes and changes of the table', () => {
    const encoder = new HpackEncoder()
    const decoder = new HpackDecoder(65_536)
    for (let i = 0; i < 1_000; i++) {
      if (i % 37 === 0) encoder.resize((i * 31) % 5_000)
      const fields = Array.from({ length: i % 7 }, (_none, n): [string, string] => {
        const size = (i * 7 + n * 13) % (n === 3 ? 1_500 : 40)
        return [['server', 'x-a', `x-${String(i % 50)}`, 'date', 'set-cookie'][(i + n) % 5] ?? '', 'v'.repeat(size)]
      })
      const status = 200 + (i % 400)
      const block = encode(encoder, status, ...fields)
      expect(decode(decoder, block)).toEqual([
        `:status: ${String(status)}`,
        ...fields.map(([name, value]) => `${name}: ${value}`),
      ])
    }
  })
})
