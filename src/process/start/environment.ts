import { sep } from 'node:path'
import { EnvironmentTable } from './environment-table.ts'
import { applicationConfigPath, applicationId, type Launch } from '../life/launch.ts'
import { instanceVariable } from '../system/orphan-guard.ts'
import { type PairingToken, startVariable } from './pairing-token.ts'
import type { AuthenticationScheme } from '../command/user-hook.ts'
import { fillPort } from '../command/placeholders.ts'

/**
 * Variables that are not passed on, because they are meant for the daemon itself. With most of them a child would talk
 * to systemd or to the daemon's parent process in the daemon's name. PORT is where a hosting platform wants the daemon
 * to listen; a slim app with IIS integration would listen there too instead of on ASPNETCORE_PORT.
 */
const notPassedOn =
  /^(?:PORT|NOTIFY_SOCKET|LISTEN_.*|WATCHDOG_.*|FDSTORE|JOURNAL_STREAM|SYSTEMD_EXEC_PID|MAINPID|NODE_CHANNEL_.*|NODE_UNIQUE_ID|ANCMD_.*)$/i

const contentRootVariables = ['ASPNETCORE_CONTENTROOT', 'DOTNET_CONTENTROOT']

/** The pool of an application that names none, in IIS. */
const defaultPool = 'DefaultAppPool'

/** Names under which web.config may set Kestrel's protocols itself. */
const kestrelProtocols = ['', 'ASPNETCORE_', 'DOTNET_'].map((prefix) => `${prefix}Kestrel__EndpointDefaults__Protocols`)

const httpAuthOrder: readonly AuthenticationScheme[] = ['windows', 'basic', 'anonymous']

const integration = 'Microsoft.AspNetCore.Server.IISIntegration'

/**
 * The environment of one child: the daemon's variables, replaced by those of its pool, then by those of web.config, then
 * by those that ANCM sets.
 * Pure. `contentRoot`: the value of ASPNETCORE_CONTENTROOT if nothing else sets it; see content-root.ts.
 */
export function childEnvironment(
  launch: Launch,
  port: number,
  token: PairingToken,
  contentRoot?: string,
): Readonly<Record<string, string>> {
  const table = new EnvironmentTable()
  for (const [name, value] of Object.entries(launch.inherited)) {
    if (value !== undefined && !notPassedOn.test(name)) table.inherit(name, value)
  }
  for (const { name, value } of launch.pool?.environmentVariables ?? []) table.set(name, value)
  const prefersInherited = /^(?:1|true)$/i.test(table.get('ANCM_PREFER_ENVIRONMENT_VARIABLES') ?? '')
  const written = new Set<string>()
  for (const { name, value } of launch.config.environmentVariables) {
    written.add(name.toUpperCase())
    if (prefersInherited && table.get(name) !== undefined) continue
    table.set(name, fillPort(value, port))
  }
  if (launch.config.kind === 'httpPlatform') addHttpPlatform(table, launch, port, token.value, written)
  else addPairing(table, launch, port, token.value, written)
  // Apps without IIS integration (CreateSlimBuilder) read only this variable; the integration overrides it.
  if (!written.has('ASPNETCORE_URLS')) table.setAs('ASPNETCORE_URLS', `http://127.0.0.1:${String(port)}`)
  const namesContentRoot = contentRootVariables.some((name) => table.get(name) !== undefined)
  if (contentRoot !== undefined && !namesContentRoot) table.setAs('ASPNETCORE_CONTENTROOT', contentRoot)
  if (launch.guard !== undefined) table.setAs(instanceVariable, launch.guard.instance)
  table.setAs(startVariable, token.mark)
  return table.entries()
}

/**
 * Sets the variable of HttpPlatformHandler, which has no pairing token. Removes inherited pairing variables, which the
 * daemon has if another ancmd started it, because they would make the app expect a token.
 */
function addHttpPlatform(
  table: EnvironmentTable,
  { config }: Launch,
  port: number,
  token: string,
  written: ReadonlySet<string>,
): void {
  for (const name of ['ASPNETCORE_PORT', 'ASPNETCORE_APPL_PATH', 'ASPNETCORE_TOKEN']) {
    if (!written.has(name)) table.remove(name)
  }
  // A program that believes a header has to know from whom it comes.
  if (config.userForwarding === 'header') table.setAs('ASPNETCORE_TOKEN', token)
  table.setAs('HTTP_PLATFORM_PORT', String(port))
}

/**
 * Sets ANCM's variables. As in ANCM, web.config may set the first two; a value that it has for the others is replaced.
 */
function addPairing(
  table: EnvironmentTable,
  launch: Launch,
  port: number,
  token: string,
  written: ReadonlySet<string>,
): void {
  if (!written.has('ASPNETCORE_HOSTINGSTARTUPASSEMBLIES')) {
    const inherited = table.get('ASPNETCORE_HOSTINGSTARTUPASSEMBLIES') ?? ''
    table.setAs('ASPNETCORE_HOSTINGSTARTUPASSEMBLIES', withIntegration(inherited))
  }
  if (!written.has('ASPNETCORE_ANCM_HTTPS_PORT')) {
    table.setAs('ASPNETCORE_ANCM_HTTPS_PORT', launch.httpsPort === undefined ? '' : String(launch.httpsPort))
  }
  // ANCM sets this to the application id, which is a mistake: the name asks for the folder.
  table.setAs(
    'ASPNETCORE_IIS_PHYSICAL_PATH',
    launch.physicalPath.endsWith(sep) ? launch.physicalPath : launch.physicalPath + sep,
  )
  table.setAs('ASPNETCORE_IIS_VERSION', '10.0')
  table.setAs('ASPNETCORE_IIS_APP_POOL_ID', launch.pool?.name ?? defaultPool)
  // In IIS it names a copy of applicationHost.config that holds what concerns the pool.
  if (launch.hostFile !== undefined) table.setAs('ASPNETCORE_IIS_APP_POOL_CONFIG_FILE', launch.hostFile)
  table.setAs('ASPNETCORE_IIS_SITE_NAME', launch.site.name)
  table.setAs('ASPNETCORE_IIS_SITE_ID', String(launch.site.id))
  table.setAs('ASPNETCORE_IIS_APP_CONFIG_PATH', applicationConfigPath(launch))
  table.setAs('ASPNETCORE_IIS_APPLICATION_ID', applicationId(launch))
  table.setAs('ASPNETCORE_IIS_APPLICATION_VIRTUAL_PATH', launch.applicationPath)
  table.setAs('ASPNETCORE_IIS_HTTPAUTH', httpAuth(launch.authentication))
  // Without it the app would decide by the kernel's version whether WebSockets are supported.
  table.setAs('ASPNETCORE_IIS_WEBSOCKETS_SUPPORTED', String(launch.webSockets ?? true))
  table.setAs('ASPNETCORE_PORT', String(port))
  table.setAs('ASPNETCORE_APPL_PATH', launch.applicationPath)
  table.setAs('ASPNETCORE_TOKEN', token)
  // Kestrel speaks only HTTP/1.1 in plain text unless it is told to speak only HTTP/2.
  if (launch.config.upstreamProtocol === 'h2c' && !kestrelProtocols.some((name) => written.has(name.toUpperCase())))
    table.setAs('Kestrel__EndpointDefaults__Protocols', 'Http2')
}

/**
 * Everything but `anonymous;` adds the scheme "Windows" to the app, also an empty value. Without that scheme an app
 * that challenges its users answers 500.
 */
function httpAuth(enabled: readonly AuthenticationScheme[] = ['anonymous']): string {
  const named = httpAuthOrder.filter((scheme) => enabled.includes(scheme))
  return named.length === 0 ? 'none' : named.map((scheme) => `${scheme};`).join('')
}

/** Adds the IIS integration to a value of ASPNETCORE_HOSTINGSTARTUPASSEMBLIES, unless it is in there. */
function withIntegration(inherited: string): string {
  const names = inherited.split(';').map((name) => name.trim().toLowerCase())
  if (names.includes(integration.toLowerCase())) return inherited
  return inherited === '' ? integration : `${inherited};${integration}`
}
