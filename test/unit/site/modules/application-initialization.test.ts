import { expect, test } from 'vitest'
import {
  applicationInitialization,
  initializationPagesOf,
} from '../../../../src/site/modules/application-initialization/application-initialization.ts'
import { readSection } from './section.ts'

const read = (inner: string, attributes = '') =>
  readSection(
    applicationInitialization,
    `<applicationInitialization ${attributes}>${inner}</applicationInitialization>`,
  )

test('applicationInitialization has the pages in file order', () => {
  const { settings, lines } = read(
    '<add initializationPage="/warmup?a=b" /><add initializationPage="home" hostName="shop.example" />',
    'doAppInitAfterRestart="true" skipManagedModules="true"',
  )
  expect(lines).toEqual([])
  const pages = [
    { initializationPage: '/warmup?a=b', hostName: '' },
    { initializationPage: '/home', hostName: 'shop.example' },
  ]
  expect(settings).toEqual({ pages })
  expect(initializationPagesOf({ sections: { applicationInitialization: settings } })).toEqual(pages)
  expect([read('').settings, initializationPagesOf({ sections: {} })]).toEqual([undefined, []])
})

test('remapManagedRequestsTo gets a notice', () => {
  expect(read('<add initializationPage="/" />', 'remapManagedRequestsTo="wait.htm"').lines).toEqual([
    expect.stringContaining('notice: remapManagedRequestsTo means nothing here'),
  ])
})

test.each(['', 'http://other/x', '/%zz', '/a b'])('initializationPage=%j is refused', (page) => {
  expect(read(`<add initializationPage="${page}" />`).lines.join()).toContain(
    'Write a path of the application, such as /warmup.',
  )
})
