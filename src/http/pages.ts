/** The content of an error page. */
export interface ErrorPage {
  readonly status: number
  readonly substatus: number
  readonly reason: string
  /** One sentence. */
  readonly text: string
  readonly closes?: true
}

interface Extras {
  readonly cause?: string | undefined
  readonly details?: readonly string[] | undefined
  readonly link?: string | undefined
}

const STARTUP_TITLE = 'HTTP Error 502.5 - ANCM Out-Of-Process Startup Failure'
const HANDLER_TITLE = 'HTTP Error 500.0 - ANCM Out-Of-Process Handler Load Failure'
/** The help address on ANCM's own start-up page. */
const HELP = 'https://go.microsoft.com/fwlink/?linkid=808681'

/** The short page for most failures. */
export function renderPage(page: ErrorPage, extras: Extras): string {
  return documentOf(titleOf(page), paragraph(textOf(page, extras)) + detailsOf(extras))
}

/** The 502.5 page: why the application could not be started, or the usual causes, and what to do. */
export function renderStartUpPage(page: ErrorPage, extras: Extras): string {
  return documentOf(
    STARTUP_TITLE,
    paragraph(textOf(page, extras)) +
      (extras.cause === undefined ? usualCauses : '') +
      listOf('What to do', [
        'Read the log of this server: it names the step that failed.',
        'Set stdoutLogEnabled="true" in web.config and read what the application prints.',
        'Run the command of web.config by hand in the folder of the application.',
        ...(extras.cause === undefined ? [howToSeeTheCause] : []),
      ]) +
      detailsOf(extras) +
      linksOf(extras.link),
  )
}

/** The 500.0 page: the configuration can be read, but the application cannot be run with it. */
export function renderHandlerLoadPage(page: ErrorPage, extras: Extras): string {
  return documentOf(
    HANDLER_TITLE,
    paragraph(page.text) +
      listOf('What to do', [
        'Read the log of this server: it names the setting.',
        'Compare the aspNetCore section of web.config with the one that dotnet publish writes.',
      ]) +
      detailsOf(extras) +
      linksOf(extras.link),
  )
}

/** A failure as application/problem+json (RFC 9457). */
export function renderProblem(page: ErrorPage, extras: Extras): string {
  return JSON.stringify({
    type: 'about:blank',
    title: page.reason,
    status: page.status,
    substatus: page.substatus,
    detail: textOf(page, extras),
    ...(extras.details === undefined ? {} : { details: extras.details }),
  })
}

const usualCauses = listOf('What usually causes this', [
  'The process could not be started: the program or its runtime is missing.',
  'The process started and ended before it listened.',
  'The process runs, but did not listen on the port that it was given.',
])
const howToSeeTheCause =
  'To see the cause on this page, set ASPNETCORE_DETAILEDERRORS to true and ask from the same machine, or set ASPNETCORE_ENVIRONMENT to Development.'

function textOf(page: ErrorPage, { cause }: Extras): string {
  return cause === undefined ? page.text : `${page.text.replace(/\.$/, '')}: ${cause}`
}

function titleOf(page: ErrorPage): string {
  return `HTTP Error ${String(page.status)}.${String(page.substatus)} - ${page.reason}`
}

function documentOf(title: string, content: string): string {
  return [
    '<!DOCTYPE html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<title>${escapeHtml(title)}</title>`,
    '<style>body{font:16px/1.5 sans-serif;max-width:44em;margin:3em auto;padding:0 1em}pre{overflow:auto}</style>',
    '</head>',
    '<body>',
    `<h1>${escapeHtml(title)}</h1>`,
    `${content}</body>`,
    '</html>\r\n',
  ].join('\r\n')
}

function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>\r\n`
}

function listOf(heading: string, items: readonly string[]): string {
  const lines = items.map((item) => `<li>${escapeHtml(item)}</li>\r\n`)
  return `<h2>${escapeHtml(heading)}</h2>\r\n<ul>\r\n${lines.join('')}</ul>\r\n`
}

function detailsOf({ details }: Extras): string {
  if (details === undefined || details.length === 0) return ''
  return `<h2>Details</h2>\r\n<pre>${details.map(escapeHtml).join('\r\n')}</pre>\r\n`
}

/** The extra link comes first, followed by ` and `: tests for ANCM look for exactly these bytes. */
function linksOf(link: string | undefined): string {
  return `<p>More: ${link === undefined ? '' : `${anchor(link)} and `}${anchor(HELP)}</p>\r\n`
}

function anchor(address: string): string {
  const escaped = escapeHtml(address)
  return `<a href="${escaped}"> <cite> ${escaped} </cite></a>`
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
