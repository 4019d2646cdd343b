// Publishes the .NET apps that the acceptance tests host, and those of the benchmark, into .cache/dotnet-apps/<name>/<digest
// of everything that went in>. A folder that is there already is taken as it is.
//
//   node config/scripts/publish-test-apps.mjs [name …]      prints `name<TAB>folder`, one a line; default: those of the tests
import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { filesIn, top } from './setup.mjs'
import { environment } from './startup-hooks.mjs'

const execute = promisify(execFile)
const cache = join(top, '.cache/dotnet-apps')
const singleFile = ['-p:PublishSingleFile=true']
const thisSystem = `${process.platform === 'darwin' ? 'osx' : 'linux'}-${process.arch}`

/**
 * Either our own source, or one of the SDK's templates; `publish` are further arguments of `dotnet publish`. What is `onDemand`
 * is published only by its name.
 */
const recipes = {
  'test-app': { source: 'test/apps/aspnetcore' },
  slim: { source: 'test/apps/slim' },
  cookies: { source: 'test/apps/cookies' },
  grpc: { source: 'test/apps/grpc' },
  web: { template: ['web'] },
  // Without the OpenAPI package, which would have to come from the network.
  webapi: { template: ['webapi', '--no-openapi'] },
  mvc: { template: ['mvc'] },
  webapp: { template: ['webapp'] },
  'web-this-system': { template: ['web'], publish: ['-r', thisSystem, '--no-self-contained'] },
  'web-win-x64': { template: ['web'], publish: ['-r', 'win-x64', '--no-self-contained'] },
  'web-self-contained': { template: ['web'], publish: ['-r', thisSystem, '--self-contained'] },
  upload: { source: 'test/apps/upload' },
  // With the oldest runtime that a startup hook is loaded into.
  'upload-net8-self-contained': {
    source: 'test/apps/upload',
    publish: ['-r', thisSystem, '--self-contained', '-p:Framework=net8.0'],
  },
  'upload-single-file': {
    source: 'test/apps/upload',
    publish: ['-r', thisSystem, '--no-self-contained', ...singleFile],
  },
  'upload-self-contained-single-file': {
    source: 'test/apps/upload',
    publish: ['-r', thisSystem, '--self-contained', ...singleFile],
  },
  auth: { source: 'test/apps/auth' },
  'auth-self-contained': { source: 'test/apps/auth', publish: ['-r', thisSystem, '--self-contained'] },
  'auth-single-file': {
    source: 'test/apps/auth',
    publish: ['-r', thisSystem, '--no-self-contained', ...singleFile],
  },
  'auth-self-contained-single-file': {
    source: 'test/apps/auth',
    publish: ['-r', thisSystem, '--self-contained', ...singleFile],
  },
  // Written for .NET 8, and run by whatever newer runtime there is.
  'auth-net8': { source: 'test/apps/auth', publish: ['-p:Framework=net8.0', '-p:RollForward=Major'] },
  'auth-net8-self-contained': {
    source: 'test/apps/auth',
    publish: ['-r', thisSystem, '--self-contained', '-p:Framework=net8.0'],
  },
  'auth-trimmed': {
    source: 'test/apps/auth',
    publish: ['-r', thisSystem, '--self-contained', '-p:PublishTrimmed=true'],
  },
  'user-hook': { source: 'test/apps/user-hook' },
  'bench-backend': { source: 'test/bench/backend', onDemand: true },
  // Its package comes from the network.
  'bench-yarp': { source: 'test/bench/yarp', onDemand: true },
}

export const appNames = Object.keys(recipes).filter((name) => recipes[name].onDemand !== true)

/** Publishes the apps, two at a time; returns [name, folder] in the order asked for. */
export async function publish(names) {
  const sdk = execFileSync('dotnet', ['--version'], { encoding: 'utf8', env: environment }).trim()
  const folders = new Map()
  const waiting = [...names]
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      folders.set(name, await publishOne(name, sdk))
    }
  }
  await Promise.all([worker(), worker()])
  return names.map((name) => [name, folders.get(name)])
}

async function publishOne(name, sdk) {
  const recipe = recipes[name]
  if (recipe === undefined)
    throw new Error(`there is no test app ${name}; there are ${Object.keys(recipes).join(', ')}`)
  const folder = join(cache, name, digest(recipe, sdk))
  if (existsSync(folder)) return folder
  console.error(`Publishing the test app ${name} …`)
  mkdirSync(join(cache, name), { recursive: true })
  const work = mkdtempSync(join(cache, `work-${name}-`))
  try {
    const source = join(work, name)
    if (recipe.source !== undefined) cpSync(join(top, recipe.source), source, { recursive: true, filter: isSource })
    else await template(recipe.template, source)
    const out = join(work, 'out')
    await dotnet([
      'publish',
      source,
      '-c',
      'Release',
      '-o',
      out,
      '-p:UseSharedCompilation=false',
      ...(recipe.publish ?? []),
    ])
    moveInto(out, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  for (const other of readdirSync(join(cache, name))) {
    if (join(cache, name, other) !== folder) rmSync(join(cache, name, other), { recursive: true, force: true })
  }
  return folder
}

// The template engine shares one cache file: two `dotnet new` at once would meet there.
let templating = Promise.resolve()

function template(args, folder) {
  templating = templating.then(() => dotnet(['new', ...args, '-o', folder, '--no-restore']))
  return templating
}

/** Somebody else may have published the same in the meantime; then theirs stays. */
function moveInto(out, folder) {
  try {
    renameSync(out, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  }
}

async function dotnet(args) {
  try {
    await execute('dotnet', args, { env: environment, timeout: 600_000, maxBuffer: 16 * 1024 * 1024 })
  } catch (error) {
    throw new Error(`dotnet ${args.join(' ')} failed:\n${error.stdout}${error.stderr}`, { cause: error })
  }
}

function digest(recipe, sdk) {
  const hash = createHash('sha256').update(JSON.stringify({ recipe, sdk }))
  if (recipe.source !== undefined) {
    const folder = join(top, recipe.source)
    for (const file of filesIn(folder).filter(isSource).sort()) {
      hash
        .update(`${relative(folder, file)}\0`)
        .update(readFileSync(file))
        .update('\0')
    }
  }
  return hash.digest('hex').slice(0, 16)
}

function isSource(path) {
  return !/[\\/](?:bin|obj)(?:[\\/]|$)/.test(relative(top, path))
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const names = process.argv.length > 2 ? process.argv.slice(2) : appNames
  try {
    for (const [name, folder] of await publish(names)) console.log(`${name}\t${folder}`)
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
