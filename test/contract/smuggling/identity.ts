import { get, lines, post, refusals, SMUGGLED, type SmugglingCase } from './case.ts'

/** Who asks: attempts to speak as the front does. The runner looks at what arrived with every request. */
export const identityCases: readonly SmugglingCase[] = [
  ...[
    'MS-ASPNETCORE-TOKEN: forged',
    'ms-aspnetcore-token: forged',
    'MS_ASPNETCORE_TOKEN: forged',
    'Ms-AspNetCore_Token: forged',
    'MS-ASPNETCORE-TOKEN:',
    'MS-ASPNETCORE: forged',
    'MS-ASPNETCORETOKEN: forged',
    'mS-ASPNETCORE-f: forged',
    'MS-ASPNETCORE-EVENT: shutdown',
    'MS-ASPNETCORE-CLIENTCERT: Zm9yZ2Vk',
    'MS-ASPNETCORE-WINAUTHTOKEN: 1a4',
    'X_Forwarded_For: 6.6.6.6',
    'X-Forwarded_Proto: https',
  ].map((field): SmugglingCase => ({ name: `a request with ${field}`, bytes: get(field, field), reads: ['GET / a'] })),
  {
    name: 'a shutdown from outside',
    bytes: lines(['POST /iisintegration HTTP/1.1', 'Host: a', 'MS-ASPNETCORE-EVENT: shutdown', 'Content-Length: 0']),
    reads: ['POST /iisintegration a'],
  },
  { name: 'proxies before us', bytes: get('X-Forwarded-For: 6.6.6.6', 'X-Forwarded-Proto: https'), reads: ['GET / a'] },
  {
    name: 'proxies before us, on lines of their own and named by Connection',
    bytes: get('X-Forwarded-For: 6.6.6.6', 'Connection: x-forwarded-for, x-forwarded-proto', 'x-forwarded-for: , ,'),
    reads: ['GET / a'],
  },
  {
    name: 'a token announced as a trailer',
    bytes: post(['Trailer: MS-ASPNETCORE-TOKEN', 'Content-Length: 5'], 'hello'),
    reads: ['POST / a hello'],
  },
  {
    name: 'everything that ends at the first proxy',
    bytes: get('Keep-Alive: 9', 'Proxy-Connection: x', 'TE: x'),
    reads: ['GET / a'],
  },
  ...refusals(
    'a token that hides',
    [
      'MS-ASPNETCORE-TOKEN : forged',
      'X: y\r\n MS-ASPNETCORE-TOKEN: forged',
      'X: y\nMS-ASPNETCORE-TOKEN: forged',
      '\x01MS-ASPNETCORE-TOKEN: forged',
      'X: y\rMS-ASPNETCORE-TOKEN: forged',
      'MS-ASPNETCORE-TOKEN\0: forged',
    ],
    (field) => get(field) + SMUGGLED,
  ),
]
