/** Extensions of programs, of their sources and settings, and of keys. */
const extensions = new Set(
  (
    '.dll .exe .so .dylib .pdb .config .cs .vb .fs .cshtml .vbhtml .razor .csproj .vbproj .fsproj .sln .resx .user ' +
    '.asax .ascx .asmx .aspx .ashx .master .mdf .ldf .mdb .db .sqlite .pfx .p12 .pem .key .snk'
  ).split(' '),
)

/** Files of a publish folder that tell how the application is made or what it knows. */
const names = [
  /^web\.config$/,
  /^app_offline\.htm$/,
  /^appsettings(?:\..*)?\.json$/,
  /^(?:secrets|launchsettings|global|nuget)\.json$/,
  /\.(?:deps|runtimeconfig|runtimeconfig\.dev)\.json$/,
  /\.staticwebassets\..*json$/,
]

/**
 * Whether a file or folder of a publish folder is never served, whatever types are configured: a static handler reads
 * from the folder in which the application's programs and settings are, not from its wwwroot alone.
 *
 * @param segments of the path below the application's folder, in any letter case
 */
export function isPrivate(segments: readonly string[]): boolean {
  const lower = segments.map((segment) => segment.toLowerCase().replace(/[. ]+$/, ''))
  if (segments.some((segment) => segment.startsWith('.') && segment !== '.well-known')) return true
  if (lower.some((segment) => segment === 'app_data' || segment === 'app_code')) return true
  const name = lower.at(-1) ?? ''
  const dot = name.lastIndexOf('.')
  return (dot >= 0 && extensions.has(name.slice(dot))) || names.some((pattern) => pattern.test(name))
}
