import { daemonArguments, marker, type ServiceFile, type ServiceManager, type ServicePlan } from './service-plan.ts'

const folder = '/etc/systemd/system'
const service = 'ancmd.service'
const sockets = { http: 'ancmd-http.socket', https: 'ancmd-https.socket' } as const
const sysusersFile = '/etc/sysusers.d/ancmd.conf'

/** Where Debian and others keep what belongs to sites; written to only where permissions of the files allow it. */
const siteFolders = ['/srv', '/var/www']

const head = `# ${marker}; 'ancmd service install' writes it anew.
# Changes belong into 'systemctl edit'.`

/** systemd: a service, a socket unit for http and one for https, and the service's user. */
export const systemd: ServiceManager = {
  name: 'systemd',
  platform: 'linux',
  defaultConfig: '/etc/ancmd/ancmd.config',
  defaultUser: 'ancmd',
  sign: { path: '/run/systemd/system', absent: 'this system was not started by systemd' },
  packaged: [`/usr/lib/systemd/system/${service}`, `/lib/systemd/system/${service}`],
  paths: [`${folder}/${service}`, `${folder}/${sockets.http}`, `${folder}/${sockets.https}`, sysusersFile],
  files: (plan) => {
    const files: ServiceFile[] = [{ path: `${folder}/${service}`, text: serviceUnit(plan, head) }]
    for (const protocol of protocolsOf(plan)) {
      files.push({
        path: `${folder}/${sockets[protocol]}`,
        text: socketUnit(protocol, streamsOf(plan, protocol), head),
      })
    }
    if (plan.makesUser) files.push({ path: sysusersFile, text: `# ${marker}.\n${sysusersText(plan.user)}` })
    return files
  },
  installCommands: (plan) => [
    ...(plan.makesUser ? [['systemd-sysusers', sysusersFile] as const] : []),
    ['systemctl', 'daemon-reload'],
    ['systemctl', 'enable', service, ...protocolsOf(plan).map((protocol) => sockets[protocol])],
    // Sockets that are open already keep waiting clients; a service that runs is started anew with the new files.
    ...protocolsOf(plan).map((protocol) => ['systemctl', 'start', sockets[protocol]] as const),
    ['systemctl', 'restart', service],
  ],
  stopCommands: [['systemctl', 'disable', '--now', service, sockets.http, sockets.https]],
  removedCommands: [['systemctl', 'daemon-reload']],
}

/** The user of the service, as sysusers.d has it. */
export function sysusersText(user: string): string {
  return `u ${user} - "ancmd, hosts ASP.NET Core apps" /var/lib/ancmd\n`
}

/** `head`: comment lines at the top. */
export function socketUnit(protocol: 'http' | 'https', streams: readonly string[], head: string): string {
  const freeBind = streams.some((stream) => stream.includes(':'))
    ? '# An address need not be there yet when the system starts.\nFreeBind=yes\n'
    : ''
  return `${head}
[Unit]
Description=${protocol} ports of ancmd
Documentation=man:ancmd(1)

[Socket]
${streams.map((stream) => `ListenStream=${stream}`).join('\n')}
Service=${service}
FileDescriptorName=${protocol}
BindIPv6Only=both
Backlog=4096
NoDelay=yes
${freeBind}
[Install]
WantedBy=sockets.target
`
}

/** `head`: comment lines at the top. */
export function serviceUnit(plan: ServicePlan, head: string): string {
  const own = protocolsOf(plan).map((protocol) => sockets[protocol])
  const given = own.length === 0 ? '' : `Sockets=${own.join(' ')}\n`
  const also = own.length === 0 ? '' : `Also=${own.join(' ')}\n`
  const command = daemonArguments(plan, '--log-format', 'pretty').map(quoted).join(' ')
  const writable = [...siteFolders, ...plan.writableFolders.filter((path) => !isBelow(path, siteFolders))]
  return `${head}
[Unit]
Description=ancmd, hosts ASP.NET Core apps out of process
Documentation=man:ancmd(1)
Wants=network-online.target
After=network-online.target nss-lookup.target
# A service that has failed too often would take its sockets along.
StartLimitIntervalSec=0

[Service]
Type=notify
# systemd-notify, which ancmd runs, is a process of its own.
NotifyAccess=all
ExecStart=${command}
ExecReload=/bin/kill -HUP $MAINPID
${given}User=${plan.user}
WorkingDirectory=/var/lib/ancmd
# Without a home that can be written to, ASP.NET Core keeps its keys in memory, and every recycle logs all users out.
Environment=HOME=/var/lib/ancmd
RuntimeDirectory=ancmd
RuntimeDirectoryMode=0750
StateDirectory=ancmd
StateDirectoryMode=0750
LogsDirectory=ancmd
LogsDirectoryMode=0750
ConfigurationDirectory=ancmd
UMask=0027

Restart=on-failure
RestartSec=1s
# Wrong usage, no permission, a host file with errors: the same would happen again.
RestartPreventExitStatus=2 77 78
WatchdogSec=60s
TimeoutStartSec=90s
# More than the largest shutdownTimeLimit; ancmd asks for more time while applications are ending.
TimeoutStopSec=90s
# Only ancmd gets SIGTERM; it ends the applications gracefully, as IIS does.
KillMode=mixed
# An application that is killed for its memory is started again; the others stay.
OOMPolicy=continue
LimitNOFILE=65536
# The output of the applications goes to the journal, too.
LogRateLimitIntervalSec=30s
LogRateLimitBurst=100000

# MemoryDenyWriteExecute=, SystemCallFilter=~@resources and ProcSubset=pid are not here: Node and .NET do not run with
# them. With PrivateTmp=, dotnet-counters and dotnet-trace have to be run inside of the service's name space.
ProtectSystem=strict
${writable.map((path) => `ReadWritePaths=${quoted(`-${path}`)}`).join('\n')}
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateMounts=yes
ProtectProc=invisible
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
${also}`
}

function protocolsOf(plan: ServicePlan): readonly ('http' | 'https')[] {
  return (['http', 'https'] as const).filter((protocol) => streamsOf(plan, protocol).length > 0)
}

function streamsOf(plan: ServicePlan, protocol: 'http' | 'https'): readonly string[] {
  return protocol === 'http' ? plan.httpStreams : plan.httpsStreams
}

function isBelow(path: string, folders: readonly string[]): boolean {
  return folders.some((top) => path === top || path.startsWith(`${top}/`))
}

/** A word of a unit file: % and $ have a meaning there, blanks and quotes end a word. */
function quoted(word: string): string {
  const text = word.replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /[\s"'\\]/.test(text) ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : text
}
