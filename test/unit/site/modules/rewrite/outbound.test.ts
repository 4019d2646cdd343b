import { describe, expect, test } from 'vitest'
import type { Answer } from '../../../../../src/http/answer.ts'
import type { Reply } from '../../../../../src/http/exchange.ts'
import { rewrite } from '../../../../../src/site/modules/rewrite/rewrite.ts'
import { requestFor, stepsFor } from '../section.ts'

/** The fields that a response has behind these outbound rules. */
function behind(rules: string, fields: readonly string[], target = '/'): readonly string[] {
  const { wrapReply } = stepsFor(rewrite, [`<rewrite><outboundRules>${rules}</outboundRules></rewrite>`])
  const exchange = requestFor(target)
  let sent: readonly string[] = []
  const reply = { answer: ({ headers }: Answer) => void (sent = headers) } as Partial<Reply> as Reply
  if (exchange === undefined || wrapReply === undefined) throw new Error('there are no rules')
  wrapReply(
    exchange,
    reply,
    () => undefined,
    () => undefined,
  ).answer({ status: 200, substatus: 0, reason: 'OK', headers: fields, body: '', close: false })
  return sent
}

describe('outbound rules', () => {
  const rule = (field: string, value: string, attributes = ''): string =>
    `<rule name="r" ${attributes}><match serverVariable="RESPONSE_${field}" pattern=".*" />` +
    `<action type="Rewrite" value="${value}" /></rule>`

  test('change each of several cookies', () => {
    const fields = ['Set-Cookie', 'a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT', 'A', 'b', 'set-cookie', 'c=2']
    expect(behind(rule('Set_Cookie', '{R:0}; Secure'), fields)).toEqual([
      ...['Set-Cookie', 'a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT; Secure'],
      ...['Set-Cookie', 'c=2; Secure', 'A', 'b'],
    ])
  })

  test('leave the cookies alone whose precondition does not hold', () => {
    const plain = '<add input="{RESPONSE_Set_Cookie}" pattern="; Secure" negate="true" />'
    const only = `<preConditions><preCondition name="plain">${plain}</preCondition></preConditions>`
    const fields = ['Set-Cookie', 'a=1; Secure', 'Set-Cookie', 'b=2']
    expect(behind(rule('Set_Cookie', '{R:0}; Secure', 'preCondition="plain"') + only, fields)).toEqual([
      ...['Set-Cookie', 'a=1; Secure', 'Set-Cookie', 'b=2; Secure'],
    ])
  })

  test('see the whole query, also what stands behind a second question mark', () => {
    expect(behind(rule('X_Query', '{QUERY_STRING}'), [], '/a?b=c?d')).toEqual(['x-query', 'b=c?d'])
  })
})
