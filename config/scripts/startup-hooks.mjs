// Builds the .NET assemblies of src/process/hooks into dist/hooks. The daemon runs without them, but then an app keeps what they
// would have changed in it.
//
//   node config/scripts/startup-hooks.mjs [--if-possible]      without the option a failure ends with code 1
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const top = fileURLToPath(new URL('../..', import.meta.url))
const sources = join(top, 'src/process/hooks')
const output = join(top, 'dist/hooks')

export const environment = {
  ...process.env,
  DOTNET_NOLOGO: '1',
  DOTNET_CLI_TELEMETRY_OPTOUT: '1',
  DOTNET_GENERATE_ASPNET_CERTIFICATE: 'false',
  DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE: 'true',
  // Nothing of the build may stay behind as a server.
  MSBUILDDISABLENODEREUSE: '1',
  DOTNET_CLI_USE_MSBUILD_SERVER: '0',
}

/** Builds what is out of date. Returns undefined, or the sentence that says why there is nothing to ship. */
export function buildStartupHooks() {
  const stamp = join(output, '.sources')
  const files = sourceFiles()
  const digest = digestOf(files)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return undefined
  // A hook of other sources than these is worse than none.
  rmSync(output, { recursive: true, force: true })
  const version = spawnSync('dotnet', ['--version'], { encoding: 'utf8', env: environment })
  if (version.status !== 0)
    return 'The .NET SDK (8 or newer) is not installed: it builds the startup hooks of dist/hooks.'
  console.log('Building the startup hooks …')
  mkdirSync(join(top, '.cache'), { recursive: true })
  const work = mkdtempSync(join(top, '.cache/hooks-'))
  try {
    const built = join(work, 'built')
    for (const project of files.filter((file) => file.endsWith('.csproj'))) {
      const copy = join(work, relative(sources, project))
      cpSync(join(project, '..'), join(copy, '..'), { recursive: true, filter: (path) => !isOutput(path) })
      const args = [
        'build',
        copy,
        '-c',
        'Release',
        '-o',
        built,
        '--nologo',
        '-v',
        'quiet',
        '-p:UseSharedCompilation=false',
      ]
      const { status, stdout, error } = spawnSync('dotnet', args, {
        encoding: 'utf8',
        env: environment,
        timeout: 600_000,
      })
      if (status !== 0) return `dotnet ${args.join(' ')} failed:\n${error?.message ?? stdout}`
    }
    writeFileSync(join(built, '.sources'), digest)
    moveInto(built, output)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return undefined
}

function sourceFiles() {
  return readdirSync(sources, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.cs(?:proj)?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !isOutput(path))
    .sort()
}

function isOutput(path) {
  return /[\\/](?:bin|obj)(?:[\\/]|$)/.test(relative(sources, path))
}

function digestOf(files) {
  const hash = createHash('sha256')
  for (const file of files) {
    hash
      .update(`${relative(sources, file)}\0`)
      .update(readFileSync(file))
      .update('\0')
  }
  return hash.digest('hex')
}

/** Somebody else may have built the same in the meantime; then theirs stays. */
function moveInto(built, folder) {
  mkdirSync(join(folder, '..'), { recursive: true })
  try {
    renameSync(built, folder)
  } catch (error) {
    if (!existsSync(join(folder, '.sources'))) throw error
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const failure = buildStartupHooks()
  if (failure !== undefined) {
    const isFatal = process.argv[2] !== '--if-possible'
    console.error(isFatal ? failure : `${failure}\nThe daemon works without them; uploads above 30 MB may not.`)
    process.exitCode = isFatal ? 1 : 0
  }
}
