import { expect, test } from 'vitest'
import { OpenDeliveries, type OpenDelivery } from '../../../src/forward/open-deliveries.ts'
import { Dice } from '../../support/dice.ts'

test('who is under way, and nobody else, is ended, in whatever order others came and left', () => {
  const dice = new Dice(3)
  const deliveries = new OpenDeliveries()
  const underWay = new Set<OpenDelivery>()
  const ended: OpenDelivery[] = []
  for (let i = 0; i < 2_000; i++) {
    const leaving = dice.pick([...underWay, undefined])
    if (leaving !== undefined && dice.roll(2) === 0) {
      underWay.delete(leaving)
      deliveries.remove(leaving)
      continue
    }
    const delivery: OpenDelivery = { index: -1, destroy: () => void ended.push(delivery) }
    underWay.add(delivery)
    deliveries.add(delivery)
  }
  deliveries.destroy()
  expect(new Set(ended)).toEqual(underWay)
  expect(ended.length).toBe(underWay.size)
})

test('whoever is ended may leave in that moment', () => {
  const deliveries = new OpenDeliveries()
  let ended = 0
  for (let i = 0; i < 5; i++) {
    const delivery: OpenDelivery = {
      index: -1,
      destroy: () => {
        ended++
        deliveries.remove(delivery)
      },
    }
    deliveries.add(delivery)
  }
  deliveries.destroy()
  expect(ended).toBe(5)
})
