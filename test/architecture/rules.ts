// The rules of the house as functions over texts, so that the test can show that each rule really catches its offender.

/** A source file: its path from `src/` with forward slashes, and its text. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

export const ranks: Readonly<Record<string, number>> = {
  cli: 6,
  control: 5,
  host: 4,
  site: 3,
  listen: 3,
  process: 2,
  forward: 2,
  stdout: 2,
  http: 1,
  http1: 1,
  config: 1,
  platform: 0,
  log: 0,
}

/** Each npm package has one door: the only file that imports it. */
const doors: Readonly<Record<string, string>> = {
  execa: 'process/system/spawn.ts',
  'get-port': 'process/start/ports.ts',
  pino: 'log/log.ts',
  zod: 'platform/schema.ts',
  saxes: 'config/xml/xml.ts',
  bcryptjs: 'site/modules/authentication/basic/password-hash.ts',
  ldapts: 'site/modules/authentication/ldap/ldap-client.ts',
  'http-proxy': 'forward/http-proxy/forwarder.ts',
  'prom-client': 'control/admin/metrics.ts',
  uplot: 'control/page/plots.ts',
}

const entries = ['main.ts', 'index.ts']

/** What a file imports or re-exports, as written. */
export function importsOf(text: string): string[] {
  const code = withoutComments(text)
  const forms = [
    /^\s*(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\s*\(\s*['"]([^'"]+)['"]/g,
  ]
  return forms.flatMap((form) => Array.from(code.matchAll(form), (match) => match[1] as string))
}

/** Rules 1 to 3: only the own room or a strictly lower rank; nobody imports an entry file. */
export function layerViolations(file: SourceFile): string[] {
  const room = roomOf(file.path)
  if (room !== undefined && ranks[room] === undefined) return [`${file.path}: the room ${room} has no rank`]
  return importsOf(file.text).flatMap((specifier) => {
    if (!specifier.startsWith('.')) return []
    const target = resolve(file.path, specifier)
    if (!target.endsWith('.ts')) return [`${file.path}: the import of ${specifier} must end in .ts`]
    if (entries.includes(target)) return [`${file.path} may not import ${target}`]
    const targetRoom = roomOf(target)
    if (room === undefined || room === targetRoom) return []
    const lower = targetRoom !== undefined && (ranks[targetRoom] ?? Infinity) < (ranks[room] as number)
    return lower ? [] : [`${file.path} may not import ${target}`]
  })
}

/** Rule 4: each package through its door only. */
export function packageViolations(file: SourceFile): string[] {
  return importsOf(file.text).flatMap((specifier) => {
    if (specifier.startsWith('.') || specifier.startsWith('node:')) return []
    const name = specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/')
    const door = doors[name]
    if (door === undefined) return [`${file.path}: package ${name} has no door`]
    return door === file.path ? [] : [`${file.path}: package ${name} must be imported only in ${door}`]
  })
}

/** Rule 5: the world outside comes in as arguments. */
export function globalViolations(file: SourceFile): string[] {
  if (file.path === 'main.ts' || ['cli', 'platform'].includes(roomOf(file.path) ?? '')) return []
  const code = withoutComments(file.text)
  return ['process.env', 'process.exit', 'Date.now', 'Math.random']
    .filter((name) => new RegExp(`\\b${name.replace('.', '\\s*\\.\\s*')}\\b(?!Code)`).test(code))
    .map((name) => `${file.path} may not use ${name}`)
}

/** Rule 6: no default exports, and re-exports only in index.ts. */
export function exportViolations(file: SourceFile): string[] {
  const code = withoutComments(file.text)
  const found: string[] = []
  if (/^\s*export\s+default\b/m.test(code)) found.push(`${file.path} may not export a default`)
  if (file.path !== 'index.ts' && /^\s*export\b[^'";=(]*?\bfrom\s*['"]/m.test(code)) {
    found.push(`${file.path} may not re-export: only index.ts does`)
  }
  return found
}

/** A file that grows past 250 lines has a second reason to change, unless its reason is written down. */
export function sizeViolations(file: SourceFile, allowed: Readonly<Record<string, string>>): string[] {
  const lines = file.text.split('\n').length - 1
  if (lines <= 250 || allowed[file.path] !== undefined) return []
  return [`${file.path} has ${String(lines)} lines: split it, or write its reason on the list`]
}

/** A test is tried again only with a reason: by `retried()` of support/retried.ts, which alone may say `retry`. */
export function retryViolations(file: SourceFile): string[] {
  if (file.path === 'support/retried.ts') return []
  const found = /\bretry['"]?\s*[:=]|--retry\b/.test(withoutComments(file.text))
  return found ? [`${file.path} lets tests be tried again: use retried() of support/retried.ts, and say why`] : []
}

/**
 * Between folders, sub-folders counted by themselves, imports run one way only. Each folder that can be reached from itself is
 * named, with the file by which its way round begins.
 */
export function cycleViolations(files: readonly SourceFile[]): string[] {
  const next = new Map<string, Map<string, string>>()
  for (const file of files) {
    const from = folderOf(file.path)
    for (const specifier of importsOf(file.text)) {
      const to = folderOf(resolve(file.path, specifier))
      if (!specifier.startsWith('.') || to === from || from === '') continue
      next.set(from, (next.get(from) ?? new Map<string, string>()).set(to, file.path))
    }
  }
  return [...next].flatMap(([folder, ways]) =>
    [...ways]
      .filter(([to]) => reaches(next, to, folder, new Set()))
      .map(([to, file]) => `${folder} and ${to} import each other, by ${file}`),
  )
}

function reaches(
  next: ReadonlyMap<string, ReadonlyMap<string, string>>,
  from: string,
  to: string,
  seen: Set<string>,
): boolean {
  if (from === to) return true
  if (seen.has(from)) return false
  seen.add(from)
  return [...(next.get(from)?.keys() ?? [])].some((folder) => reaches(next, folder, to, seen))
}

/** One exported name, one thing: whoever searches for it finds it. */
export function nameViolations(files: readonly SourceFile[]): string[] {
  const owners = new Map<string, string>()
  const exported = /^export (?:abstract |async )*(?:class|interface|type|const|function\*?) (\w+)/gm
  return files.flatMap(({ path, text }) =>
    Array.from(withoutComments(text).matchAll(exported), (match) => match[1] as string).flatMap((name) => {
      const owner = owners.get(name)
      owners.set(name, path)
      return owner === undefined || owner === path ? [] : [`${name} is exported by ${owner} and by ${path}`]
    }),
  )
}

/** A folder of more than twenty files hides what it is made of. */
export function crowdViolations(files: readonly SourceFile[]): string[] {
  const counts = new Map<string, number>()
  for (const { path } of files) counts.set(folderOf(path), (counts.get(folderOf(path)) ?? 0) + 1)
  return [...counts]
    .filter(([, count]) => count > 20)
    .map(([folder, count]) => `${folder} has ${String(count)} files: give its parts folders of their own`)
}

/**
 * A comment may name a document only if its reader has it: neither by its file's name nor as `some-title 1.2`, a chapter of it.
 * `documents`: the names of those in the repository.
 */
export function citationViolations(file: SourceFile, documents: ReadonlySet<string>): string[] {
  const named = Array.from(file.text.matchAll(/[\w-]+\.md\b/g), ([name]) => name).filter((name) => !documents.has(name))
  const comments = file.text.match(/\/\*[\s\S]*?\*\/|\/\/ .*/g) ?? []
  const chapters = comments.flatMap((comment) => comment.match(/\b[a-z]+-[a-z]+ \d+\.\d+\b/g) ?? [])
  return [...named, ...chapters].map((name) => `${file.path} names ${name}, which is not in this repository`)
}

/** `forward/http1` for `forward/http1/delivery.ts`. */
function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

/** `http` for `http/exchange.ts`; undefined for a file directly in src. */
export function roomOf(path: string): string | undefined {
  const slash = path.indexOf('/')
  return slash < 0 ? undefined : path.slice(0, slash)
}

function resolve(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1)
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1')
}
