import { type Browser, chromium, type Page } from 'playwright-core'
import { atTheEnd } from './ending.ts'
import { program } from './programs.ts'

/** Opens a page of a headless Chromium that accepts the certificates of tests; the browser ends with the test. */
export async function openPage(): Promise<Page> {
  const browser: Browser = await chromium.launch({
    executablePath: program('chromium'),
    // Root may not run Chromium's sandbox; the pages are those of the tests.
    args: ['--no-sandbox', '--disable-gpu'],
  })
  atTheEnd(() => browser.close())
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  return context.newPage()
}
