import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { failed, ok, type Result } from '../result.ts'

/**
 * Loads a package that is not installed with ancmd: from beside it, from the folders of NODE_PATH, or from where
 * `npm install -g` of this Node puts packages. The failure is a sentence without its full stop.
 */
export async function loadOptionalPackage(name: string): Promise<Result<Record<string, unknown>, string>> {
  const require = createRequire(import.meta.url)
  const prefix = dirname(dirname(process.execPath))
  const paths = [dirname(import.meta.filename), join(prefix, 'lib/node_modules'), join(prefix, 'node_modules')]
  let file: string
  try {
    file = require.resolve(name, { paths })
  } catch {
    return failed('it is not installed')
  }
  try {
    const loaded = (await import(pathToFileURL(file).href)) as Record<string, unknown> & { default?: unknown }
    return ok((loaded.default ?? loaded) as Record<string, unknown>)
  } catch (error) {
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    return failed(`${dirname(file)} cannot be loaded: ${reason}`)
  }
}
