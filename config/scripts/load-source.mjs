// Loads parts of the daemon's source into a script, which Node 20 cannot do by itself because it is TypeScript.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { top } from './setup.mjs'

/** The exports of `contents`, a module of TypeScript whose imports begin at the top of the checkout. */
export async function loadSource(contents) {
  const folder = join(top, '.cache/bundles')
  mkdirSync(folder, { recursive: true })
  const outfile = join(folder, `source-${process.pid}.mjs`)
  try {
    await build({
      stdin: { contents, resolveDir: top, loader: 'ts' },
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      logLevel: 'error',
    })
    return await import(pathToFileURL(outfile).href)
  } finally {
    rmSync(outfile, { force: true })
  }
}
