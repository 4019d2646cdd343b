import { daemonArguments, marker, type ServiceManager, type ServicePlan, xmlText } from './service-plan.ts'

const label = 'ancmd'
const file = `/Library/LaunchDaemons/${label}.plist`
const home = '/usr/local/var/ancmd'
const logs = '/usr/local/var/log/ancmd'

/**
 * launchd of macOS. There are no sockets in the file: only native code can take them over. Ports below 1024 need no
 * right on macOS if every address is listened on.
 */
export const launchd: ServiceManager = {
  name: 'launchd',
  platform: 'darwin',
  defaultConfig: '/usr/local/etc/ancmd/ancmd.config',
  defaultUser: '_www',
  sign: undefined,
  packaged: [],
  paths: [file],
  files: (plan) => [{ path: file, text: plist(plan) }],
  installCommands: (plan) => [
    ['mkdir', '-p', home, logs],
    ['chown', plan.user, home, logs],
    ['launchctl', 'bootstrap', 'system', file],
  ],
  stopCommands: [['launchctl', 'bootout', `system/${label}`]],
  removedCommands: [],
}

function plist(plan: ServicePlan): string {
  const words = daemonArguments(plan, '--log-format', 'pretty').map((word) => `    <string>${xmlText(word)}</string>`)
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- ${marker}; 'ancmd service install' writes it anew. -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${label}</string>
  <key>ProgramArguments</key>
  <array>
${words.join('\n')}
  </array>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ExitTimeOut</key>
  <integer>90</integer>
  <key>UserName</key>
  <string>${xmlText(plan.user)}</string>
  <key>WorkingDirectory</key>
  <string>${home}</string>
  <key>EnvironmentVariables</key>
  <dict>
    <key>HOME</key>
    <string>${home}</string>
    <key>PATH</key>
    <string>/usr/local/share/dotnet:/usr/local/bin:/opt/homebrew/bin:/usr/bin:/bin:/usr/sbin:/sbin</string>
  </dict>
  <key>StandardOutPath</key>
  <string>${logs}/output.log</string>
  <key>StandardErrorPath</key>
  <string>${logs}/ancmd.log</string>
  <key>SoftResourceLimits</key>
  <dict>
    <key>NumberOfFiles</key>
    <integer>65536</integer>
  </dict>
</dict>
</plist>
`
}
