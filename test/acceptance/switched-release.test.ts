import { existsSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { cp, link, mkdir, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { answerOf, dropOfflineFile, expectPage, touch } from '../support/deployment.ts'
import { dotnetApp, hasDotnet } from '../support/dotnet-apps.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, editWebConfig, temporaryFolder } from '../support/folders.ts'
import { HeldRequest, wholeAnswer } from '../support/held-request.ts'

/** Folders `releases/1`, `releases/2` … of one app, and the path under which it is hosted. */
class Site {
  readonly folder: string
  readonly current: string

  static async open(): Promise<Site> {
    const site = new Site(await temporaryFolder())
    await mkdir(join(site.folder, 'releases'))
    await cp(await copyApp('node-twin'), site.release(1), { recursive: true })
    return site
  }

  private constructor(folder: string) {
    this.folder = folder
    this.current = join(folder, 'current')
  }

  release(number: number): string {
    return join(this.folder, 'releases', String(number))
  }

  async copyTo(number: number): Promise<void> {
    await cp(this.release(1), this.release(number), { recursive: true, preserveTimestamps: true })
  }

  /** As rsync --link-dest does with what has not changed. */
  async linkTo(number: number): Promise<void> {
    await linkAll(this.release(1), this.release(number))
  }
}

async function linkAll(from: string, to: string): Promise<void> {
  await mkdir(to)
  for (const name of await readdir(from)) {
    const [source, target] = [join(from, name), join(to, name)]
    if ((await stat(source)).isDirectory()) await linkAll(source, target)
    else await link(source, target)
  }
}

interface Way {
  readonly name: string
  /** Makes `current` lead to a release for the first time, and again. */
  point(site: Site, release: number): Promise<void>
  /** Where the app runs when this release is current. */
  runsIn(site: Site, release: number): string
}

const ways: readonly Way[] = [
  {
    name: 'Capistrano: ln -s; mv -T',
    point: async ({ folder, current }, release) => {
      await symlink(`releases/${String(release)}`, join(folder, 'next'))
      await rename(join(folder, 'next'), current)
    },
    runsIn: (site, release) => site.release(release),
  },
  {
    name: 'ln -sfn',
    point: async ({ current }, release) => {
      // As fast as ln itself, so that there is nearly always a release.
      rmSync(current, { force: true })
      symlinkSync(`releases/${String(release)}`, current)
      return Promise.resolve()
    },
    runsIn: (site, release) => site.release(release),
  },
  {
    name: 'mv of folders',
    point: async (site, release) => {
      if (existsSync(site.current)) renameSync(site.current, join(site.folder, `before-${String(release)}`))
      renameSync(site.release(release), site.current)
      return Promise.resolve()
    },
    runsIn: (site) => site.current,
  },
]

const contents = [
  ['copied, times and all', (site: Site, release: number) => site.copyTo(release)],
  ['hard-linked, as by rsync --link-dest', (site: Site, release: number) => site.linkTo(release)],
] as const

/** Asks all the time, and says with what all of it was answered. */
class Asking {
  readonly #answers = new Set<string>()
  #asking = true
  readonly #done: Promise<void>

  constructor(daemon: Daemon) {
    this.#done = (async () => {
      while (this.#asking) {
        const { status, text } = await daemon.send('/HelloWorld', { method: 'POST' })
        this.#answers.add(`${String(status)} ${text}`)
      }
    })()
  }

  async stop(): Promise<string[]> {
    this.#asking = false
    await this.#done
    return [...this.#answers]
  }
}

function recycles(daemon: Daemon, times: number): Promise<unknown> {
  return eventually(`${String(times)} recycles`, () => daemon.seen('applicationRecycled').length === times)
}

describe.each(ways)('a release that is switched to by $name', ({ point, runsIn }) => {
  test.each(contents)('%s, is what runs, each time, and no request is lost', async (_how, prepare) => {
    const site = await Site.open()
    for (const release of [2, 3]) await prepare(site, release)
    await point(site, 1)
    const daemon = await startDaemon(site.current)
    const seen = new Set([await daemon.processId()])
    const held = await HeldRequest.open(daemon.port)
    const asking = new Asking(daemon)
    for (const release of [2, 3]) {
      await point(site, release)
      await recycles(daemon, release - 1)
      expect(await daemon.text('/CurrentDirectory')).toBe(runsIn(site, release))
      seen.add(await daemon.processId())
    }
    expect(await asking.stop()).toEqual(['200 Hello World'])
    expect(await held.finish()).toMatch(wholeAnswer)
    expect(seen.size).toBe(3)
    for (const { reason } of daemon.seen('applicationRecycled')) expect(reason).toContain(site.current)
    // What is watched is the new release.
    await touch(join(site.current, 'web.config'))
    await recycles(daemon, 3)
    await dropOfflineFile(site.current)
    expectPage(await answerOf(daemon, 503))
  })
})

describe('a switched release', () => {
  const way = ways[0] as Way

  test('with an app_offline.htm of its own is offline', async () => {
    const site = await Site.open()
    await site.copyTo(2)
    await dropOfflineFile(site.release(2))
    await way.point(site, 1)
    const daemon = await startDaemon(site.current)
    await daemon.text('/')
    await way.point(site, 2)
    expectPage(await answerOf(daemon, 503))
    await rm(join(site.release(2), 'app_offline.htm'))
    await answerOf(daemon, 200)
    expect(await daemon.text('/CurrentDirectory')).toBe(site.release(2))
  })

  test('with a tmp/restart.txt recycles the application once', async () => {
    const site = await Site.open()
    await site.copyTo(2)
    await mkdir(join(site.release(2), 'tmp'))
    await writeFile(join(site.release(2), 'tmp/restart.txt'), '')
    await way.point(site, 1)
    const daemon = await startDaemon(site.current)
    const first = await daemon.processId()
    await way.point(site, 2)
    await daemon.event('processExited', ({ pid }) => pid === first)
    await touch(join(site.current, 'web.config'))
    await recycles(daemon, 2)
  })

  test('and the removal of the one before, recycle nothing more, though they share their files', async () => {
    const site = await Site.open()
    await site.linkTo(2)
    await way.point(site, 1)
    const daemon = await startDaemon(site.current)
    await daemon.text('/')
    await way.point(site, 2)
    await recycles(daemon, 1)
    await rm(site.release(1), { recursive: true })
    await cp(site.release(2), site.release(3), { recursive: true })
    await daemon.text('/')
    await way.point(site, 3)
    await recycles(daemon, 2)
    expect(daemon.seen('applicationRecycled').map(({ reason }) => reason)).toEqual(
      Array.from({ length: 2 }, () => expect.stringContaining(site.current) as unknown),
    )
  })

  test.skipIf(!hasDotnet)('leaves everybody signed in whom the one before has signed in', async () => {
    const site = await Site.open()
    await rm(site.release(1), { recursive: true })
    await cp(await dotnetApp('cookies'), site.release(1), { recursive: true })
    await site.copyTo(2)
    await way.point(site, 1)
    const daemon = await startDaemon(site.current, { environment: { HOME: site.folder } })
    const signedIn = await daemon.send('/sign-in')
    const Cookie = signedIn.field('Set-Cookie')[0]?.split(';')[0] ?? ''
    expect(await daemon.text('/user', { Cookie })).toBe('somebody')
    const pid = await daemon.text('/pid')
    await way.point(site, 2)
    await eventually('the new release answers', async () => (await daemon.text('/pid')) !== pid)
    expect(await daemon.text('/user', { Cookie })).toBe('somebody')
    expect(await daemon.text('/folder')).toBe(site.current)
  })

  test.skipIf(!hasDotnet)('knows its folder by the name that its web.config gives, if it does', async () => {
    const site = await Site.open()
    await rm(site.release(1), { recursive: true })
    await cp(await dotnetApp('cookies'), site.release(1), { recursive: true })
    await editWebConfig(site.release(1), { environment: { ASPNETCORE_ContentRoot: site.folder } })
    await way.point(site, 1)
    const daemon = await startDaemon(site.current)
    expect(await daemon.text('/folder')).toBe(site.folder)
  })

  test.skipIf(!hasDotnet)('without a web.config is what runs', async () => {
    const site = await Site.open()
    await rm(site.release(1), { recursive: true })
    await cp(await dotnetApp('web'), site.release(1), { recursive: true })
    await rm(join(site.release(1), 'web.config'))
    await site.linkTo(2)
    await way.point(site, 1)
    const daemon = await startDaemon(site.current)
    await daemon.text('/')
    const { pid } = await daemon.event('processStarted')
    await way.point(site, 2)
    await recycles(daemon, 1)
    expect(await daemon.text('/')).toBe('Hello World!')
    await daemon.event('processStarted', (event) => event['pid'] !== pid)
  })
})
