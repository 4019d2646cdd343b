import { daemonArguments, marker, type ServiceManager, type ServicePlan, xmlText } from './service-plan.ts'

const folder = 'C:\\ProgramData\\ancmd'
const program = `${folder}\\ancmd-service.exe`
const file = `${folder}\\ancmd-service.xml`

/**
 * WinSW 3 for Windows, a program that makes a service of another one. Its file stands beside it and has its name. It
 * stops the daemon by Ctrl-C, which ends the applications gracefully.
 */
export const winsw: ServiceManager = {
  name: 'winsw',
  platform: 'win32',
  defaultConfig: `${folder}\\ancmd.config`,
  defaultUser: 'NT AUTHORITY\\LocalService',
  sign: { path: program, absent: `WinSW is missing: put WinSW-x64.exe of version 3 there as ${program}` },
  packaged: [],
  paths: [file],
  files: (plan) => [{ path: file, text: serviceXml(plan) }],
  installCommands: () => [
    [program, 'install'],
    [program, 'start'],
  ],
  stopCommands: [
    [program, 'stop'],
    [program, 'uninstall'],
  ],
  removedCommands: [],
}

function serviceXml(plan: ServicePlan): string {
  const [node = '', ...rest] = daemonArguments(plan, '--log-format', 'json')
  return `<?xml version="1.0" encoding="utf-8"?>
<!-- ${marker}; 'ancmd service install' writes it anew. -->
<service>
  <id>ancmd</id>
  <name>ancmd</name>
  <description>Hosts ASP.NET Core apps out of process.</description>
  <executable>${xmlText(node)}</executable>
  <arguments>${xmlText(rest.map(quoted).join(' '))}</arguments>
  <workingdirectory>${folder}</workingdirectory>
  <serviceaccount>
    <username>${xmlText(plan.user)}</username>
  </serviceaccount>
  <startmode>Automatic</startmode>
  <depend>Tcpip</depend>
  <priority>Normal</priority>
  <stoptimeout>90 sec</stoptimeout>
  <onfailure action="restart" delay="1 sec"/>
  <onfailure action="restart" delay="10 sec"/>
  <resetfailure>1 hour</resetfailure>
  <logpath>${folder}\\logs</logpath>
  <log mode="roll-by-size">
    <sizeThreshold>10240</sizeThreshold>
    <keepFiles>8</keepFiles>
  </log>
</service>
`
}

/** One argument as programs of Windows split a command line: a backslash is an escape only before a quote. */
function quoted(word: string): string {
  if (!/[\s"]/.test(word) && word !== '') return word
  return `"${word.replaceAll(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, '$&$&')}"`
}
