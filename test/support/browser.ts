import { readFile } from 'node:fs/promises'
import { type Browser, chromium, type Page } from 'playwright-core'
import { atTheEnd } from './ending.ts'
import { temporaryFolder } from './folders.ts'
import { program } from './programs.ts'

// Root may not run Chromium's sandbox; the pages are those of the tests.
const args = ['--no-sandbox', '--disable-gpu']

/** Opens a page of a headless Chromium that accepts the certificates of tests; the browser ends with the test. */
export async function openPage(): Promise<Page> {
  const browser: Browser = await chromium.launch({
    executablePath: program('chromium'),
    args,
  })
  atTheEnd(() => browser.close())
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  return context.newPage()
}

/**
 * Opens a page of a headless Chromium that logs in to `*.localhost` with the tickets that it finds in this environment; the
 * browser ends with the test.
 */
export async function openPageOfUser(environment: Readonly<Record<string, string | undefined>>): Promise<Page> {
  // Only in a profile of its own, and never in a private window, Chromium logs in unasked.
  const context = await chromium.launchPersistentContext(await temporaryFolder(), {
    executablePath: program('chromium'),
    args: [...args, '--auth-server-allowlist=*.localhost'],
    env: environment,
    ignoreHTTPSErrors: true,
  })
  atTheEnd(() => context.close())
  return context.pages()[0] ?? context.newPage()
}

/** The barriers that axe finds for people who do not see, or use no mouse. */
export async function barriersIn(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile('node_modules/axe-core/axe.min.js', 'utf8'))
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
    }
    return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  })
}
