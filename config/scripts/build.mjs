// Makes dist as it is published: the daemon and what it needs of its packages, bundled. `main.js` and `index.js` are small
// and load the parts that a command needs when it needs them; that spares the start of hundreds of files and the memory of
// code that is never run.
//
//   node config/scripts/build.mjs [--types]             --types: also dist/index.d.ts, the public API (takes half a minute)
//   node config/scripts/build.mjs --types-only FILE     the public API's types alone, into FILE
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const top = fileURLToPath(new URL('../..', import.meta.url))
const output = join(top, 'dist')

/** What packages of the CommonJS kind ask Node's own modules with. */
const requireOfModules =
  "import { createRequire as createRequireHere } from 'node:module'; const require = createRequireHere(import.meta.url); "

/** Small modules that many parts need. Each imports the others here, so that they make one part instead of one each. */
const small = [
  'cli/exit-codes',
  'cli/remote/choose-applications',
  'cli/streams/fold-text',
  'config/admin-clash',
  'config/problems',
  'control/protocol',
  'forward/open-deliveries',
  'http/exchange',
  'listen/all-read',
  'listen/raw-answer',
  'platform/clock',
  'platform/files/make-folder',
  'platform/nearest',
  'platform/open-files',
  'platform/package-folder',
  'platform/pause',
  'platform/result',
  'platform/ticker',
  'site/modules/authentication/ldap/ldap-server',
  'site/modules/authentication/ldap/read-password',
  'stdout/live/output-record',
].map((name) => join(top, 'src', `${name}.ts`))

const smallTogether = {
  name: 'small-together',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (!small.includes(path)) return undefined
      const others = small.filter((other) => other !== path).map((other) => `import ${JSON.stringify(other)}`)
      // Behind the last line, so that the source map stays right.
      return { contents: `${readFileSync(path, 'utf8')}\n${others.join('\n')}\n`, loader: 'ts' }
    })
  },
}

/** Bundles src into dist. Other builds and running daemons see the old files or the new ones, never a part of either. */
export async function buildBundle() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: top,
    entryPoints: ['src/main.ts', 'src/index.ts'],
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    chunkNames: 'parts/[name]-[hash]',
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    plugins: [smallTogether],
    metafile: true,
    write: false,
    logLevel: 'warning',
  })
  mkdirSync(output, { recursive: true })
  const fresh = mkdtempSync(join(output, '.fresh-'))
  try {
    mkdirSync(join(fresh, 'parts'))
    for (const { path, text } of withPartsInTurn(withSmallMapsInside(outputFiles), metafile)) {
      const needsRequire = path.endsWith('.js') && /\b__require\b/.test(text)
      writeFileSync(join(fresh, path.slice(output.length + 1)), needsRequire ? requireOfModules + text : text)
    }
    mkdirSync(join(fresh, 'page'))
    writeFileSync(join(fresh, 'page/index.html'), await buildPage())
    writeFileSync(join(fresh, 'THIRD-PARTY-LICENSES.txt'), licencesOf(packagesIn(metafile)))
    replaceBy(fresh)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

/** Puts the source map of each small part into the part itself, so that the package has fewer files. */
function withSmallMapsInside(outputFiles) {
  const textOf = new Map(outputFiles.map(({ path, text }) => [path, text]))
  const takesMap = (path) => path.endsWith('.js') && textOf.get(path).length < 126_000
  return outputFiles
    .filter(({ path }) => !path.endsWith('.map') || !takesMap(path.slice(0, -'.map'.length)))
    .map(({ path, text }) => ({ path, text: takesMap(path) ? withMap(text, textOf.get(`${path}.map`)) : text }))
}

function withMap(text, map) {
  const url = `data:application/json;base64,${Buffer.from(map).toString('base64')}`
  return text.replace(/^\/\/# sourceMappingURL=.*$/m, () => `//# sourceMappingURL=${url}`)
}

/** How many parts are opened at the same time, each of which takes a file descriptor. */
const openedTogether = 6

/** Lets a dynamic import load the parts that it needs a few at a time, so that it works where few files may be open. */
function withPartsInTurn(outputFiles, { outputs }) {
  const named = /import\("\.\/((?:parts\/)?[^"/]+\.js)"\)/g
  return outputFiles.map(({ path, text }) => {
    if (!path.endsWith('.js')) return { path, text }
    const folder = path.includes('parts') ? 'dist/parts/' : 'dist/'
    return {
      path,
      text: text.replace(named, (plain, name) => inTurn(plain, partsOf(`${folder}${name}`, outputs), folder)),
    }
  })
}

function inTurn(plain, parts, folder) {
  if (parts.length <= openedTogether) return plain
  const groups = []
  for (let at = 0; at < parts.length; at += openedTogether) {
    const files = parts.slice(at, at + openedTogether).map((part) => `import("./${part.slice(folder.length)}")`)
    groups.push(`.then(() => Promise.all([${files.join(', ')}]))`)
  }
  return `Promise.resolve()${groups.join('')}.then(() => ${plain})`
}

/** The parts that a part imports, and those that they import, each behind those that it needs itself. */
function partsOf(path, outputs, found = new Set()) {
  for (const { path: part, kind } of outputs[path]?.imports ?? []) {
    if (kind !== 'import-statement' || !(part in outputs) || found.has(part)) continue
    partsOf(part, outputs, found)
    found.add(part)
  }
  return [...found]
}

/** The status page as one file, with its script and its styles in it, so that a browser asks for nothing else. */
async function buildPage() {
  const folder = join(top, 'src/control/page')
  const { outputFiles } = await build({
    absWorkingDir: top,
    entryPoints: ['src/control/page/main.ts'],
    bundle: true,
    format: 'esm',
    target: 'es2023',
    minify: true,
    legalComments: 'none',
    write: false,
    logLevel: 'warning',
  })
  const plot = readFileSync(join(top, 'node_modules/uplot/dist/uPlot.min.css'), 'utf8')
  const parts = {
    '/*page.css*/': readFileSync(join(folder, 'page.css'), 'utf8').replace('/*uplot.css*/', () => plot),
    '/*page.js*/': outputFiles[0].text.replaceAll('</script', '<\\/script'),
  }
  let html = readFileSync(join(folder, 'index.html'), 'utf8')
  for (const [mark, text] of Object.entries(parts)) html = html.replace(mark, () => text)
  return html
}

/** Writes the types of the public API into one file. */
function buildTypes(file) {
  const generator = join(top, 'node_modules/dts-bundle-generator/dist/bin/dts-bundle-generator.js')
  const args = ['--project', 'tsconfig.json', '--no-banner', '--silent', '-o', file, 'src/index.ts']
  const { status } = spawnSync(process.execPath, [generator, ...args], { cwd: top, stdio: 'inherit' })
  if (status !== 0) process.exit(status || 1)
}

/** Parts first, since the entries name them; what was there before goes last. hooks and index.d.ts are made by others. */
function replaceBy(fresh) {
  const old = filesBelow(output).filter((path) => !/^(?:\.fresh-|hooks[\\/]|index\.d\.ts$)/.test(path))
  const files = filesBelow(fresh)
  const entries = files.filter((path) => /^(?:main|index)\.js$/.test(path))
  for (const folder of ['parts', 'page']) mkdirSync(join(output, folder), { recursive: true })
  for (const path of [...files.filter((path) => !entries.includes(path)), ...entries]) {
    renameSync(join(fresh, path), join(output, path))
  }
  for (const path of old.filter((path) => !files.includes(path))) rmSync(join(output, path), { force: true })
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}

/** The folders of the packages whose code is in the bundle, in order of their names. */
function packagesIn(metafile) {
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => path),
  )
  const folders = inputs.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [])
  return [...new Set(folders)].sort()
}

function licencesOf(folders) {
  return folders.map(licenceOf).join(`\n${'-'.repeat(80)}\n\n`)
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(top, folder, 'package.json'), 'utf8'))
  const file = readdirSync(join(top, folder)).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file === undefined ? '' : `\n${readFileSync(join(top, folder, file), 'utf8').trim()}\n`
  return `${name} ${version} (${license})\n${text}`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [mode, file] = process.argv.slice(2)
  if (mode !== '--types-only') await buildBundle()
  if (mode !== undefined) buildTypes(mode === '--types' ? join(output, 'index.d.ts') : file)
}
