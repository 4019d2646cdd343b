import type { LogFileConfig } from '../../../config/host-settings.ts'
import type { AccessEntry } from './access-entry.ts'
import { field, json, quoted, readable } from './escape.ts'

/** How lines of the access log are written. */
export interface AccessFormat {
  /** The lines at the beginning of each file, with their line ends. `time`: milliseconds since 1970. */
  head(time: number): string
  /** One entry with its line end. */
  line(entry: AccessEntry): string
}

export type AccessFormatName = LogFileConfig['logFormat']

const w3cFields = [
  ...['date', 'time', 's-ip', 'cs-method', 'cs-uri-stem', 'cs-uri-query', 's-port', 'cs-username', 'c-ip'],
  ...['cs(User-Agent)', 'cs(Referer)', 'sc-status', 'sc-substatus', 'sc-win32-status', 'time-taken'],
  // Those that IIS does not write unless asked to, then our own.
  ...['cs-version', 'cs-host', 'sc-bytes', 'cs-bytes', 'x-app', 'x-pid', 'x-upstream-time', 'x-trace-id'],
]

const w3c: AccessFormat = {
  head: (time) => `#Software: ancmd\r\n#Version: 1.0\r\n#Date: ${w3cTime(time)}\r\n#Fields: ${w3cFields.join(' ')}\r\n`,
  line: (e) => {
    const mark = e.target.indexOf('?')
    const query = mark < 0 ? '' : e.target.slice(mark + 1)
    const version = e.method === '' ? '-' : versionOf(e)
    const own = `${field(e.app ?? '')} ${e.pid === 0 ? '-' : String(e.pid)} ${millisecondsOf(e.upstreamMs)} ${field(e.traceId)}`
    return (
      `${w3cTime(e.time)} ${field(e.localAddress)} ${field(e.method)} ${field(e.path)} ${field(readable(query))} ` +
      `${String(e.localPort)} ${field(e.userName)} ${field(e.remoteAddress)} ${field(readable(e.userAgent))} ${field(readable(e.referer))} ` +
      `${String(e.status)} ${String(e.substatus)} ${String(e.win32Status)} ${millisecondsOf(e.ms)} ` +
      `${version} ${field(readable(e.host))} ${String(e.sentBytes)} ${String(e.receivedBytes)} ${own}\r\n`
    )
  },
}

const combined: AccessFormat = {
  head: () => '',
  line: (e) => {
    const request = e.method === '' ? '-' : `${quoted(e.method)} ${quoted(e.target)} ${versionOf(e)}`
    return (
      `${e.remoteAddress} - ${e.userName === '' ? '-' : quoted(e.userName).replaceAll(' ', '\\x20')} [${combinedTime(e.time)}] "${request}" ${String(e.status)} ${String(e.sentBytes)} ` +
      `"${quoted(e.referer === '' ? '-' : e.referer)}" "${quoted(e.userAgent === '' ? '-' : e.userAgent)}"\n`
    )
  },
}

/** The fields of the Elastic Common Schema, and ours below `ancmd`. */
const ecs: AccessFormat = {
  head: () => '',
  line: (e) => {
    const mark = e.target.indexOf('?')
    const query = mark < 0 ? '' : `,"query":${json(readable(e.target.slice(mark + 1)))}`
    const url = `{"path":${json(e.path)}${query},"domain":${json(readable(e.host))},"scheme":"${e.scheme}"}`
    const referrer = e.referer === '' ? '' : `,"referrer":${json(readable(e.referer))}`
    const request = `{"method":${json(e.method)},"body":{"bytes":${String(e.receivedBytes)}}${referrer}}`
    const response = `{"status_code":${String(e.status)},"body":{"bytes":${String(e.sentBytes)}}}`
    const agent = e.userAgent === '' ? '' : `,"user_agent":{"original":${json(readable(e.userAgent))}}`
    const user = e.userName === '' ? '' : `,"user":{"name":${json(e.userName)}}`
    const trace = e.traceId === '' ? '' : `,"trace":{"id":"${e.traceId}"}`
    const process = e.pid === 0 ? '' : `,"pid":${String(e.pid)}`
    const upstream = e.upstreamMs === undefined ? '' : `,"upstream_ms":${millisecondsOf(e.upstreamMs)}`
    const app = e.app === undefined ? '' : `,"app":${json(e.app)}`
    const own = `{"substatus":${String(e.substatus)},"win32_status":${String(e.win32Status)}${app}${process}${upstream}}`
    return (
      `{"@timestamp":"${new Date(e.time).toISOString()}","ecs":{"version":"8.11"},` +
      `"event":{"duration":${String(Math.round(e.ms * 1_000_000))},"category":["web"],"kind":"event"},` +
      `"client":${endOf(e.remoteAddress, e.remotePort)},"server":${endOf(e.localAddress, e.localPort)},` +
      `"http":{"version":"${e.httpVersion}","request":${request},"response":${response}},` +
      `"url":${url}${user}${agent}${trace},"ancmd":${own}}\n`
    )
  },
}

export const accessFormats: Readonly<Record<AccessFormatName, AccessFormat>> = { W3C: w3c, NCSA: combined, JSON: ecs }

/** One end of the connection; what is not known is left out. */
function endOf(address: string, port: number): string {
  const ip = address === '' ? [] : [`"ip":${json(address)}`]
  return `{${[...ip, ...(port === 0 ? [] : [`"port":${String(port)}`])].join(',')}}`
}

function versionOf({ httpVersion }: AccessEntry): string {
  return httpVersion === '2' ? 'HTTP/2.0' : `HTTP/${httpVersion}`
}

function millisecondsOf(ms: number | undefined): string {
  return ms === undefined ? '-' : String(Math.max(0, Math.round(ms)))
}

// Many lines are of one second, whose text is made once.
let lastSecond = -1
let lastText = ''

/** `2026-11-21 12:00:00`, in UTC. */
function w3cTime(time: number): string {
  const second = Math.floor(time / 1000)
  if (second !== lastSecond) {
    lastSecond = second
    lastText = new Date(second * 1000).toISOString().slice(0, 19).replace('T', ' ')
  }
  return lastText
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `21/Nov/2026:12:00:00 +0000`. */
function combinedTime(time: number): string {
  const text = w3cTime(time)
  const month = months[Number(text.slice(5, 7)) - 1] ?? ''
  return `${text.slice(8, 10)}/${month}/${text.slice(0, 4)}:${text.slice(11)} +0000`
}
