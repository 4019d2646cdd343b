import type { BindingConfig } from '../../../config/model.ts'
import type { Place, Problems } from '../../../config/problems.ts'
import type { ExaminedSite } from '../../../config/sections/section-reader.ts'
import { openOrdinaryFile } from '../../../platform/files/ordinary-file.ts'
import type { AuthenticationSettings, BasicSettings } from './schemes/authentication-settings.ts'

/** Finds what only the whole site, or a look at the disk, can show. */
export async function examineAuthentication(settings: AuthenticationSettings, about: ExaminedSite): Promise<void> {
  const { problems } = about
  const { basic, windows, digest } = settings
  if (digest !== undefined) {
    const text =
      'Digest authentication is not offered: it needs every password in a form that is as good as the password.'
    problems.error(digest, text, 'Remove it, and enable <basicAuthentication> over https.')
  }
  if (basic !== undefined) await examineBasic(basic, about)
  if (windows === undefined) return
  const { examineWindows } = await import('./negotiate/examine-windows.ts')
  await examineWindows(windows, problems)
}

async function examineBasic(
  { usersFile, at }: BasicSettings,
  { site, problems, mayComeByHttps }: ExaminedSite,
): Promise<void> {
  if (usersFile === undefined) {
    const text = '<basicAuthentication> has no usersFile: there are no users of Windows here.'
    problems.error(at, text, 'Add usersFile="…", a file that htpasswd -B has written.')
  } else await examineFile('usersFile', usersFile, at, problems)
  if (mayComeByHttps === 'unknown') {
    const text =
      'Basic sends passwords readable over http: `run` refuses this folder unless it gets --https-port, --host 127.0.0.1, or a --trusted-proxy that speaks https.'
    problems.notice(at, text)
    return
  }
  const open = site.bindings.filter(isOpen)
  const [first] = open
  if (first === undefined || mayComeByHttps || site.hsts?.redirectHttpToHttps === true) return
  const text = `Passwords are not taken over plain http, and the binding for port ${String(first.port)} is not for this machine alone.`
  const cure =
    'Add an https binding (and <hsts enabled="true" redirectHttpToHttps="true" />), or name the proxy that speaks https in <trustedProxies>.'
  if (open.length === site.bindings.length) problems.error(at, text, cure)
  else problems.warning(at, text, 'Write <hsts enabled="true" redirectHttpToHttps="true" /> for the site.')
}

async function examineFile(name: string, file: string, at: Place, problems: Problems): Promise<void> {
  try {
    await (await openOrdinaryFile(file)).close()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    const isFile = code !== 'EFTYPE' && code !== 'EISDIR'
    const readable = isFile ? 'Let the user read it whom the daemon runs as.' : 'Name an ordinary file.'
    const cure = code === 'ENOENT' ? `Make it, or correct ${name}.` : readable
    problems.error(at, `${name}: ${file} cannot be read (${code}).`, cure)
  }
}

function isOpen({ protocol, address }: BindingConfig): boolean {
  return protocol === 'http' && !(address === '::1' || address?.startsWith('127.') === true)
}
