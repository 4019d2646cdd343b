import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Daemon } from '../support/daemon.ts'
import { atTheEnd } from '../support/ending.ts'
import { eventually } from '../support/eventually.ts'
import { copyApp, temporaryFolder } from '../support/folders.ts'
import { freePort } from '../support/free-port.ts'

/** The lines of requests in all logs of a folder. */
async function requestsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(join(folder, 'W3SVC1')).catch((): string[] => [])
  const texts = await Promise.all(names.map((name) => readFile(join(folder, 'W3SVC1', name), 'utf8')))
  return texts.flatMap((text) => text.split('\r\n')).flatMap((line) => /\/HelloWorld n=(\d+)/.exec(line)?.[1] ?? [])
}

/** A host file with one site, whose access log is in this directory. */
function hostFile(app: string, port: number, directory: string): string {
  return `<configuration><system.applicationHost><sites><site name="one" id="1">
    <application path="/"><virtualDirectory path="/" physicalPath="${app}" /></application>
    <bindings><binding protocol="http" bindingInformation="127.0.0.1:${String(port)}:" /></bindings>
    <logFile enabled="true" logFormat="W3C" directory="${directory}" />
  </site></sites></system.applicationHost></configuration>`
}

test('an access log that goes on in another folder after a reload has each request once, those under way included', async () => {
  const [folder, place, port] = [await copyApp('node-twin'), await temporaryFolder(), await freePort()]
  const file = join(place, 'ancmd.config')
  const directories = Array.from({ length: 4 }, (_, at) => join(place, `logs${String(at)}`))
  const configure = (directory: string): Promise<void> => writeFile(file, hostFile(folder, port, directory))
  await configure(join(place, 'before'))
  const daemon = new Daemon(['run', '--config', file, '--log-format', 'json'], {})
  atTheEnd(() => daemon.end())
  await daemon.event('listening')
  daemon.port = port
  await daemon.text('/HelloWorld')
  let asked = 0
  const ask = async (): Promise<void> => {
    await daemon.text(`/HelloWorld?n=${String(asked++)}`)
  }
  for (const directory of directories) {
    await configure(directory)
    daemon.signal('SIGHUP')
    const pending: Promise<void>[] = []
    await eventually('it has the first lines', async () => {
      pending.push(ask(), ask(), ask())
      return (await requestsIn(directory)).length > 0
    })
    await Promise.all(pending)
  }
  expect(await daemon.stop()).toBe(0)
  const found = await Promise.all([join(place, 'before'), ...directories].map(requestsIn))
  expect(found.slice(1).filter((each) => each.length === 0)).toEqual([])
  const all = found
    .flat()
    .map(Number)
    .toSorted((a, b) => a - b)
  expect(all).toEqual(Array.from({ length: asked }, (_, at) => at))
})

test('--access-log with a place where no file can be ends the start, and says why', async () => {
  const [app, folder] = [await copyApp('node-twin'), await temporaryFolder()]
  await writeFile(join(folder, 'file'), '')
  for (const [place, code] of [
    [folder, 'EISDIR'],
    [join(folder, 'file/access.log'), 'ENOTDIR'],
  ]) {
    const daemon = new Daemon(['run', app, '--port', '0', '--access-log', place ?? '', '--log-format', 'json'], {})
    atTheEnd(() => daemon.end())
    expect(await daemon.exited).toBe(1)
    const told = await daemon.event('accessLogFailed')
    expect(told).toMatchObject({ level: 'error', file: place, code, fatal: true })
  }
  expect(await readdir(folder)).toEqual(['file'])
})

test('a <logFile> that cannot be written is told at the start and at the reload, before any request', async () => {
  const [app, place, port] = [await copyApp('node-twin'), await temporaryFolder(), await freePort()]
  const file = join(place, 'ancmd.config')
  const configure = (directory: string): Promise<void> => writeFile(file, hostFile(app, port, directory))
  const [first, second, good] = [join(place, 'first'), join(place, 'second'), join(place, 'good')]
  await Promise.all([writeFile(first, ''), writeFile(second, ''), configure(first)])
  const daemon = new Daemon(['run', '--config', file, '--log-format', 'json'], {})
  atTheEnd(() => daemon.end())
  const told = (): readonly unknown[] => daemon.seen('accessLogFailed').map(({ code, fatal }) => [code, fatal])
  expect(await daemon.event('accessLogFailed')).toMatchObject({ level: 'warn', code: 'ENOTDIR', fatal: false })
  await daemon.event('listening')
  await configure(second)
  daemon.signal('SIGHUP')
  await eventually('the second one is told too', () => told().length === 2)
  await configure(good)
  daemon.signal('SIGHUP')
  daemon.port = port
  await eventually('the good one has lines', async () => {
    await daemon.text('/HelloWorld?n=1')
    return (await requestsIn(good)).length > 0
  })
  expect(told()).toHaveLength(2)
})
