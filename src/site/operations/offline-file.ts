import { readFile, stat, unlink, writeFile } from 'node:fs/promises'

/** By this comment a file is known as one that `offline` has written. */
const mark = '<!-- ancmd offline -->'

const page = `<!DOCTYPE html>
${mark}
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Down for maintenance</title>
<style>
  :root { color-scheme: light dark }
  body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 20vh auto; padding: 0 1.5rem }
  h1 { font-size: 1.4rem }
</style>
<h1>Down for maintenance</h1>
<p>This application is being updated. Please try again in a few minutes.</p>
</html>
`

/**
 * Resolves with an errno name if the file cannot be written. A file that is there already is left alone; a folder, or a
 * link that leads nowhere, is EEXIST, since neither counts as app_offline.htm.
 */
export async function writeOfflineFile(file: string): Promise<string | undefined> {
  try {
    await writeFile(file, page, { flag: 'wx' })
    return undefined
  } catch (error) {
    const { code = 'failed' } = error as NodeJS.ErrnoException
    if (code !== 'EEXIST') return code
    const there = await stat(file).catch(() => undefined)
    return there === undefined || there.isDirectory() ? code : undefined
  }
}

/** Removes a file that `offline` has written; `foreign`: it was written by somebody else, and stays. */
export async function removeOfflineFile(file: string): Promise<'removed' | 'foreign' | { readonly code: string }> {
  try {
    if (!(await readFile(file, 'utf8')).includes(mark)) return 'foreign'
    await unlink(file)
    return 'removed'
  } catch (error) {
    const { code = 'failed' } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? 'removed' : { code }
  }
}
