import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolder } from '../../platform/package-folder.ts'

/** The status page and the policy that lets a browser run nothing else with it. */
export interface Page {
  readonly html: string
  readonly contentSecurityPolicy: string
}

/** Reads the page, one file with its script and its styles in it; undefined when it was not built. */
export function readPage(file: string = join(packageFolder(), 'dist/page/index.html')): Page | undefined {
  let html: string
  try {
    html = readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
  const policy = [
    "default-src 'none'",
    `script-src ${hashes(html, 'script')}`,
    `style-src ${hashes(html, 'style')}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return { html, contentSecurityPolicy: policy.join('; ') }
}

/** The hash of each inline element of this name. */
function hashes(html: string, name: string): string {
  const found = [...html.matchAll(new RegExp(`<${name}(?: [^>]*)?>([^]*?)</${name}>`, 'g'))]
  return found
    .map(
      ([, text]) =>
        `'sha256-${createHash('sha256')
          .update(text as string)
          .digest('base64')}'`,
    )
    .join(' ')
}
