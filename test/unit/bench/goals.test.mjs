import { describe, expect, test } from 'vitest'
import { goals, judge } from '../../bench/goals.mjs'
import { scenarios } from '../../bench/scenarios.mjs'

const goalOf = (scenario, per) => goals.find((goal) => goal.scenario === scenario && goal.per === per)

function rounds(scenario, peer, measure, values) {
  return values.map((value, round) => ({ scenario, peer, round, [measure]: value }))
}

describe('goals of the benchmark', () => {
  test('are about scenarios that there are', () => {
    for (const { scenario } of goals) expect(scenarios).toHaveProperty(scenario)
  })

  test('are met by a median at the limit and missed by one above it', () => {
    const nginx = rounds('plaintext', 'nginx', 'cpu', [10, 10, 10])
    const at = [...nginx, ...rounds('plaintext', 'ancmd', 'cpu', [9, 12, 20])]
    const above = [...nginx, ...rounds('plaintext', 'ancmd', 'cpu', [9, 12.1, 20])]
    expect(judge(goalOf('plaintext', 'nginx'), at)).toMatchObject({ verdict: 'met', median: 1.2, min: 0.9 })
    expect(judge(goalOf('plaintext', 'nginx'), above)).toMatchObject({ verdict: 'missed' })
  })

  test('are neither met nor missed when the control was not steady', () => {
    const cells = [
      ...rounds('plaintext', 'nginx', 'cpu', [10, 10]),
      ...rounds('plaintext', 'ancmd', 'cpu', [10, 10]),
      ...rounds('plaintext', 'relay-raw', 'cpu', [8, 12]),
    ]
    expect(judge(goalOf('plaintext', 'nginx'), cells).verdict).toBe('noisy')
  })

  test('are absent where the other peer is', () => {
    const cells = rounds('plaintext', 'ancmd', 'cpu', [10, 10])
    expect(judge(goalOf('plaintext', 'yarp'), cells).verdict).toBe('absent')
  })

  test('of HTTP/2 compare with three others', () => {
    const cells = [
      ...rounds('h2', 'ancmd', 'cpu', [30, 30]),
      ...rounds('h2', 'nginx', 'cpu', [20, 20]),
      ...rounds('h2', 'yarp', 'cpu', [29, 29]),
    ]
    const verdicts = goals
      .filter(({ scenario }) => scenario === 'h2')
      .map((goal) => [goal.per, judge(goal, cells).verdict])
    expect(verdicts).toEqual([
      ['nginx', 'met'],
      ['yarp', 'missed'],
      ['caddy', 'absent'],
    ])
  })

  test('may be for another than the default engine', () => {
    const goal = goals.find(({ peer }) => peer === 'ancmd-http-proxy')
    const cells = [
      ...rounds('plaintext', 'ancmd', 'cpu', [900, 900, 900]),
      ...rounds('plaintext', 'http-proxy-agent', 'cpu', [100, 100, 100]),
      ...rounds('plaintext', 'ancmd-http-proxy', 'cpu', [120, 130, 140]),
    ]
    expect(judge(goal, cells)).toMatchObject({ median: 1.3, min: 1.2, verdict: 'met' })
  })

  test('compare memory as it is', () => {
    const cells = rounds('idle', 'ancmd', 'perConnection', [5, 6.5, 7])
    const goal = goals.find(({ measure }) => measure === 'perConnection')
    expect(judge(goal, cells)).toMatchObject({ median: 6.5, min: 5, verdict: 'missed' })
  })

  test('compare a first request with the median of those of the app alone', () => {
    const cells = [
      ...rounds('start', 'direct', 'first', [100, 110, 300]),
      ...rounds('start', 'ancmd', 'first', [130, 135, 400]),
    ]
    expect(judge(goalOf('start', undefined), cells)).toMatchObject({ median: 25, min: 20, verdict: 'met' })
  })
})
