/** How a section stands that no reader is for. */
export interface Standing {
  /**
   * `coming`: it is to be honoured and is not yet. `meaningless`: there is nothing here that it could set, and leaving it
   * out of the file changes nothing.
   */
  readonly standing: 'coming' | 'meaningless'
  /** A sentence. */
  readonly reason: string
  /** What to do about it, where anything can be done. */
  readonly cure?: string
}

/** What to do about a section that has no effect here, where nothing better is known. */
export const applicationCure = 'Where it matters, the application has to do it.'

/**
 * The sections of IIS and of its well-known extensions that have no effect here, by their paths below
 * system.webServer. A module that honours one of them takes its row away.
 */
export const unhonouredSections: Readonly<Record<string, Standing>> = {
  asp: meaningless('There is no classic ASP here.', 'Leave it out; classic ASP needs IIS.'),
  caching: meaningless('There is no output cache here.', 'Let the application cache (UseOutputCache).'),
  cgi: meaningless('There is no CGI here.', 'Run a program that listens on %HTTP_PLATFORM_PORT% by <httpPlatform>.'),
  diskCache: meaningless('There is no output cache here.', 'Let the application cache (UseOutputCache).'),
  fastCgi: meaningless(
    'There is no FastCGI here.',
    'Run a program that listens on %HTTP_PLATFORM_PORT% by <httpPlatform>.',
  ),
  globalModules: meaningless('It names libraries of IIS, which are not loaded here.', 'Leave it out.'),
  heliconZoo: meaningless('There is no Helicon Zoo here.', 'Run the program by <httpPlatform>.'),
  httpLogging: meaningless(
    'It has no access log to set.',
    'Write <logFile> for the site in the host file, or run with --access-log.',
  ),
  httpTracing: meaningless('There is no event tracing of Windows here.', 'Run with --log-level debug.'),
  iisnode: meaningless(
    'There is no iisnode here.',
    'Run Node by <httpPlatform>, with %HTTP_PLATFORM_PORT% as its port.',
  ),
  isapiFilters: meaningless(
    'Libraries of IIS are not loaded here.',
    'Let middleware of the application do what the filter does.',
  ),
  management: meaningless('There is no manager of IIS here.', 'Run with --admin for a status page.'),
  media: meaningless('There are no media services here.', 'Let the application do it.'),
  monitoring: meaningless('There is no such extension here.', 'Run with --admin, whose /metrics Prometheus reads.'),
  odbcLogging: meaningless('There is no log in a database here.', 'Write <logFile> for the site in the host file.'),
  proxy: meaningless(
    'It belongs to Application Request Routing, which forwards to other servers.',
    'Put a reverse proxy before ancmd, or let the application forward (YARP).',
  ),
  'security/applicationDependencies': meaningless('It lists what programs of IIS need.', 'Leave it out.'),
  'security/isapiCgiRestriction': meaningless('There is no CGI and no ISAPI here.', 'Leave it out.'),
  serverSideInclude: meaningless('There are no server-side includes here.', 'Let the application make its pages.'),
  tracing: meaningless(
    'Failed requests are not traced to files.',
    'Run with --log-level debug, or --access-log and the traceparent of the client.',
  ),
  validation: meaningless('It is for the pipeline of .NET Framework.', 'Leave it out.'),
  webdav: meaningless('There is no WebDAV here.', 'Leave it out; the application gets every method.'),
  webFarms: meaningless(
    'It belongs to Application Request Routing, which forwards to other servers.',
    'Put a load balancer before ancmd.',
  ),
}

/** How the section at this path stands; undefined: IIS has no such section, or it is honoured. */
export function standingOf(path: string): Standing | undefined {
  return Object.hasOwn(unhonouredSections, path) ? unhonouredSections[path] : undefined
}

/** The names of these sections, or of those below `group`, such as `security`. */
export function unhonouredNames(group = ''): readonly string[] {
  const prefix = group === '' ? '' : `${group}/`
  const below = Object.keys(unhonouredSections).filter((path) => path.startsWith(prefix))
  return [...new Set(below.map((path) => path.slice(prefix.length).split('/')[0] as string))]
}

/** Such as `<security><ipSecurity> is not honoured yet: no address is refused.` */
export function standingText(path: string, { standing, reason }: Standing): string {
  const name = path
    .split('/')
    .map((part) => `<${part}>`)
    .join('')
  const says = `${reason.charAt(0).toLowerCase()}${reason.slice(1)}`
  return `${name} ${standing === 'coming' ? 'is not honoured yet' : 'means nothing here'}: ${says}`
}

function meaningless(reason: string, cure?: string): Standing {
  return { standing: 'meaningless', reason, ...(cure !== undefined && { cure }) }
}
