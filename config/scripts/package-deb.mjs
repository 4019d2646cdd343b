// `npm run package:deb [-- FOLDER]`: builds dist and makes the Debian package ancmd_VERSION_all.deb in FOLDER (default: dist-deb).
// The same sources make the same bytes: its times are SOURCE_DATE_EPOCH, or that of the last commit.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { buildBundle } from './build.mjs'
import { loadCommands } from './deb/commands.mjs'
import { bashCompletion, fishCompletion, zshCompletion } from './deb/completions.mjs'
import { manPage } from './deb/man-page.mjs'
import { top } from './setup.mjs'

const maintainer = 'ancmd maintainers <maintainers@ancmd.invalid>'
const debian = join(top, 'config/debian')
const epoch = Number(process.env.SOURCE_DATE_EPOCH ?? lastCommit())
const { version } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8'))
const output = resolve(process.argv[2] ?? join(top, 'dist-deb'))

await buildBundle()
const root = mkdtempSync(join(tmpdir(), 'ancmd-deb-'))
chmodSync(root, 0o755)
try {
  await writeFiles()
  writeControl()
  for (const path of pathsBelow(root).filter((path) => statSync(join(root, path)).isDirectory()))
    chmodSync(join(root, path), 0o755)
  mkdirSync(output, { recursive: true })
  const file = join(output, `ancmd_${version}_all.deb`)
  const args = ['--root-owner-group', '-Zxz', '--build', root, file]
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(epoch) }
  const { status, stderr, error } = spawnSync('dpkg-deb', args, { env, encoding: 'utf8' })
  if (error !== undefined) throw new Error('dpkg-deb cannot be started: install the package dpkg', { cause: error })
  if (status !== 0) throw new Error(stderr)
  console.log(file)
} finally {
  rmSync(root, { recursive: true })
}

async function writeFiles() {
  const { commands, serviceUnit, socketUnit, sysusersText } = await loadCommands()
  cpSync(join(top, 'dist'), join(root, 'usr/lib/ancmd/dist'), { recursive: true, filter: isNeeded })
  write('usr/lib/ancmd/package.json', `${JSON.stringify({ name: 'ancmd', version, type: 'module' }, null, 2)}\n`)
  const main = readFileSync(join(top, 'dist/main.js'), 'utf8')
  write('usr/lib/ancmd/dist/main.js', main.replace(/^#!.*/, '#!/usr/bin/node'), 0o755)
  mkdirSync(join(root, 'usr/bin'), { recursive: true })
  symlinkSync('../lib/ancmd/dist/main.js', join(root, 'usr/bin/ancmd'))

  const plan = {
    program: ['/usr/bin/ancmd'],
    configFile: '/etc/ancmd/ancmd.config',
    user: 'ancmd',
    makesUser: true,
    httpStreams: ['80'],
    httpsStreams: [],
    writableFolders: [],
  }
  const head = "# Changes belong into 'systemctl edit'."
  write('usr/lib/systemd/system/ancmd.service', serviceUnit(plan, head))
  write('usr/lib/systemd/system/ancmd-http.socket', socketUnit('http', ['80'], head))
  write('usr/lib/systemd/system/ancmd-https.socket', socketUnit('https', ['443'], head))
  write('usr/lib/sysusers.d/ancmd.conf', sysusersText('ancmd'))

  for (const file of ['app_offline.htm', 'web.config']) copy(`welcome/${file}`, `usr/share/ancmd/welcome/${file}`)
  copy('ancmd.config', 'etc/ancmd/ancmd.config')
  const day = new Date(epoch * 1000).toISOString().slice(0, 10)
  write('usr/share/man/man1/ancmd.1.gz', zipped(manPage(commands, version, day)))
  write('usr/share/bash-completion/completions/ancmd', bashCompletion(commands))
  write('usr/share/zsh/vendor-completions/_ancmd', zshCompletion(commands))
  write('usr/share/fish/vendor_completions.d/ancmd.fish', fishCompletion(commands))
  for (const name of ['web.config.xsd', 'ancmd.config.xsd']) {
    write(`usr/share/ancmd/schema/${name}`, readFileSync(join(top, 'config/schema', name)))
  }
  copy('README.Debian', 'usr/share/doc/ancmd/README.Debian')
  write('usr/share/doc/ancmd/copyright', copyright())
  write('usr/share/doc/ancmd/changelog.gz', zipped(changelog()))
}

/** Not the types and the library for other programs, nor the maps from code to source. */
function isNeeded(path) {
  return !/\.map$|[\\/]index\.(?:js|d\.ts)$|THIRD-PARTY|[\\/]\.(?:fresh|sources)/.test(path)
}

function writeControl() {
  const files = pathsBelow(root).filter((path) => lstatSync(join(root, path)).isFile())
  const sums = files.map(
    (path) =>
      `${createHash('md5')
        .update(readFileSync(join(root, path)))
        .digest('hex')}  ${path}\n`,
  )
  const size = files.reduce((sum, path) => sum + Math.ceil(statSync(join(root, path)).size / 1024), 0)
  const control = readFileSync(join(debian, 'control'), 'utf8')
  write('DEBIAN/control', control.replace('@version@', version).replace('@size@', String(size)))
  write('DEBIAN/md5sums', sums.filter((line) => !line.includes('  etc/')).join(''))
  write('DEBIAN/conffiles', '/etc/ancmd/ancmd.config\n')
  for (const script of ['postinst', 'prerm', 'postrm']) copy(script, `DEBIAN/${script}`, 0o755)
}

/** In the machine-readable form, with the licences of what is bundled as they are. */
function copyright() {
  const own = readFileSync(join(top, 'LICENSE'), 'utf8').split('\n\n').slice(2).join('\n\n')
  const others = readFileSync(join(top, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8')
    .split(/^-{80}$/m)
    .map(withoutApacheLicence)
    .join('')
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: ancmd
Comment: The bundle holds code of other projects. Their licences:
${indented(others)}

Files: *
Copyright: 2026 The ancmd authors
License: Expat
${indented(own)}
`
}

/** Debian has the text of this licence in a file that packages refer to. */
function withoutApacheLicence(text) {
  const at = text.search(/^ *Apache License$/m)
  return at < 0 ? text : `${text.slice(0, at)}The text is in /usr/share/common-licenses/Apache-2.0.\n`
}

/** As the fields of Debian's control files have several lines. */
function indented(text) {
  return text
    .trim()
    .split('\n')
    .map((line) => (line.trim() === '' ? ' .' : ` ${line.trimEnd()}`))
    .join('\n')
}

/** Debian's own format. */
function changelog() {
  const [section = ''] = readFileSync(join(top, 'CHANGELOG.md'), 'utf8').split(/^## /m).slice(1)
  const entries = section
    .split('\n')
    .filter((line) => line.startsWith('- '))
    .map((line) => wrapped(line.slice(2)))
  const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000')
  return `ancmd (${version}) unstable; urgency=medium\n\n${entries.join('')}\n -- ${maintainer}  ${date}\n`
}

function wrapped(entry) {
  const lines = ['  *']
  for (const word of entry.split(' ')) {
    if (`${lines.at(-1)} ${word}`.length > 78) lines.push('   ')
    lines.push(`${lines.pop()} ${word}`)
  }
  return `${lines.join('\n')}\n`
}

function zipped(text) {
  return gzipSync(text, { level: 9 })
}

function copy(from, to, mode) {
  write(to, readFileSync(join(debian, from)), mode)
}

function write(path, content, mode = 0o644) {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  chmodSync(file, mode)
}

function pathsBelow(folder) {
  return readdirSync(folder, { recursive: true }).sort()
}

function lastCommit() {
  const { status, stdout } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: top, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : 0
}
