// Bundles one source file with everything that it imports, for tests that need a part of the daemon in a process that
// runs plain JavaScript.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const top = fileURLToPath(new URL('../..', import.meta.url))
const here = fileURLToPath(import.meta.url)

/** Loads `source`, a path below src such as `process/system/spawn.ts`; resolves with its exports. */
export async function importBundled(source) {
  const folder = join(top, '.cache/bundles')
  mkdirSync(folder, { recursive: true })
  const outfile = join(folder, `${basename(source, '.ts')}-${process.pid}.mjs`)
  // Bundles in a separate process, because the bundler starts a child process that stays, and tests count the children
  // of this process.
  const { status } = spawnSync(process.execPath, [here, source, outfile], { stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) throw new Error(`src/${source} cannot be bundled`)
  try {
    return await import(pathToFileURL(outfile).href)
  } finally {
    rmSync(outfile)
  }
}

if (process.argv[1] === here) {
  const [source, outfile] = process.argv.slice(2)
  const { build } = await import('esbuild')
  await build({
    entryPoints: [join(top, 'src', source)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'error',
  })
}
