import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { barriersIn, openPage } from '../support/browser.ts'
import { ancmd, type Daemon, startDaemon } from '../support/daemon.ts'
import { eventually } from '../support/eventually.ts'
import { talker } from '../support/talker.ts'

interface Shown {
  readonly daemon: Daemon
  readonly page: Page
  /** Errors in the script of the page. */
  readonly wrong: readonly string[]
}

async function open(): Promise<Shown> {
  const daemon = await startDaemon(await talker(), { args: ['--admin', '127.0.0.1:0', '--app-output', 'off'] })
  const page = await openPage()
  const wrong: string[] = []
  page.on('pageerror', (error) => wrong.push(error.message))
  await page.goto(String((await daemon.event('adminListening'))['url']))
  return { daemon, page, wrong }
}

/** Presses Tab until the button has the focus, then Enter. */
async function press(page: Page, name: string): Promise<void> {
  const button = page.getByRole('button', { name, exact: true })
  await button.waitFor()
  for (let at = 0; at < 40; at++) {
    if (await button.evaluate((element) => element.matches(':focus'))) break
    await page.keyboard.press('Tab')
  }
  await page.keyboard.press('Enter')
}

function lines(page: Page): Promise<number> {
  return page.locator('[role=log] div').count()
}

describe('live output on the status page', () => {
  test('is opened, paused and closed by keyboard alone; what came meanwhile is counted, then shown', async () => {
    const { daemon, page, wrong } = await open()
    await daemon.text('/say/before')
    await press(page, 'Show live output')
    const log = page.getByRole('log', { name: 'Output of the application' })
    await log.getByText('before', { exact: true }).waitFor()
    await log.getByText('the token is [pairing token]', { exact: true }).waitFor()
    await daemon.text('/say/after')
    await log.getByText('after', { exact: true }).waitFor()
    await daemon.text('/begin/half')
    await log.getByText('half', { exact: true }).waitFor()
    await press(page, 'Pause')
    await page.getByRole('status').filter({ hasText: 'Output paused.' }).waitFor()
    await daemon.text('/write/3')
    await page.getByText('Paused; 3 new lines.').waitFor()
    expect(await log.getByText(/^\d+ 2 \.+$/).count()).toBe(0)
    await press(page, 'Pause')
    await log.getByText(/^\d+ 3 \.+$/).waitFor()
    await press(page, 'Hide live output')
    await log.waitFor({ state: 'hidden' })
    expect(wrong).toEqual([])
  })

  test('has a thousand lines at most in the page, and goes on after a recycle', async () => {
    const { daemon, page, wrong } = await open()
    await daemon.text('/say/before')
    await press(page, 'Show live output')
    const log = page.getByRole('log')
    await log.getByText('before', { exact: true }).waitFor()
    await daemon.text('/write/20000')
    await log.getByText(/^\d+ 20000 \.+$/).waitFor()
    expect(await lines(page)).toBe(1001)
    await ancmd(['recycle', '--wait'], { environment: { RUNTIME_DIRECTORY: daemon.runtimeFolder } })
    await log.getByText('the last words').waitFor()
    await daemon.text('/say/again')
    await log.getByText(/again$/).waitFor()
    expect(await lines(page)).toBe(1001)
    expect(wrong).toEqual([])
  })

  test('has no barrier that axe finds, and can be scrolled by keyboard', async () => {
    const { daemon, page } = await open()
    await daemon.text('/write/500')
    await page.setViewportSize({ width: 360, height: 900 })
    await press(page, 'Show live output')
    const log = page.getByRole('log')
    await log.getByText(/^\d+ 500 \.+$/).waitFor()
    expect(await barriersIn(page)).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
    const before = await log.evaluate((element) => element.scrollTop)
    expect(before).toBeGreaterThan(0)
    await log.focus()
    await page.keyboard.press('PageUp')
    await eventually('it scrolls', async () => (await log.evaluate((element) => element.scrollTop)) < before)
  })
})
