import type { Locator, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { barriersIn, openPage } from '../support/browser.ts'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { copyApp } from '../support/folders.ts'

interface Shown {
  readonly daemon: Daemon
  readonly page: Page
  /** Requests of the page to another place than the daemon, and errors in its script. */
  readonly wrong: readonly string[]
}

async function openStatusPage(): Promise<Shown> {
  const daemon = await startDaemon(await copyApp('node-twin'), { args: ['--admin', '127.0.0.1:0'] })
  const url = String((await daemon.event('adminListening'))['url'])
  const page = await openPage()
  const wrong: string[] = []
  page.on('request', (request) => {
    if (!request.url().startsWith(new URL(url).origin) && !request.url().startsWith('data:')) wrong.push(request.url())
  })
  page.on('pageerror', (error) => wrong.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(message.text())
  })
  await page.goto(url)
  return { daemon, page, wrong }
}

function isFocused(button: Locator): Promise<boolean> {
  return button.evaluate((element) => element.matches(':focus'))
}

describe('the status page', () => {
  test('shows applications, processes, plots and events, asks no other host, and has no script error', async () => {
    const { daemon, page, wrong } = await openStatusPage()
    await daemon.text('/HelloWorld')
    const pid = await daemon.processId()
    await page.getByRole('cell', { name: String(pid), exact: true }).waitFor()
    await page.getByText('running', { exact: true }).first().waitFor()
    await page
      .locator('#events')
      .getByText(`process ${String(pid)} listens on port`)
      .waitFor()
    expect(await page.locator('canvas').count()).toBe(4)
    expect(page.url()).not.toContain('token')
    expect(wrong).toEqual([])
  })

  test('recycles by keyboard alone, and says when it has happened', async () => {
    const { daemon, page } = await openStatusPage()
    const before = await daemon.processId()
    const button = page.getByRole('button', { name: 'Recycle' })
    await button.waitFor()
    for (let at = 0; at < 30 && !(await isFocused(button)); at++) {
      await page.keyboard.press('Tab')
    }
    await page.keyboard.press('Enter')
    await page.getByRole('status').filter({ hasText: 'Recycle: done.' }).waitFor()
    expect(await daemon.processId()).not.toBe(before)
  })

  test('asks for the token without one, refuses a wrong one, and takes the right one', async () => {
    const { daemon, page } = await openStatusPage()
    const [url = '', token = ''] = String((await daemon.event('adminListening'))['url']).split('#token=')
    await page.evaluate('sessionStorage.clear()')
    await page.goto(url)
    await page.getByLabel('Token').fill('wrong')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('alert').filter({ hasText: 'does not know this token' }).waitFor()
    await page.getByLabel('Token').fill(token)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('heading', { name: 'Applications' }).waitFor()
  })

  test.each([
    ['a phone, dark', 360, 'dark'],
    ['a desk, light', 1280, 'light'],
    ['4K, dark', 3840, 'dark'],
  ] as const)('has no barrier that axe finds and no sideways scrolling on %s', async (_where, width, colorScheme) => {
    const { daemon, page } = await openStatusPage()
    await daemon.text('/HelloWorld')
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height: 900 })
    await page.locator('#events').getByText('listens on port').waitFor()
    expect(await barriersIn(page)).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
  })

  test('says that the daemon does not answer any more', async () => {
    const { daemon, page } = await openStatusPage()
    await page.getByRole('heading', { name: 'Applications' }).waitFor()
    await daemon.stop()
    await page.getByText('The daemon does not answer').waitFor()
  })
})
