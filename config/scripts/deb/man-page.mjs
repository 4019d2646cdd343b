// The man page, made from the table of commands (commands.mjs) and the texts here.

/** ancmd(1) in the language of man(7). `day`: YYYY-MM-DD. */
export function manPage(commands, version, day) {
  const parts = commands.map(({ usage, summary, options }) => [
    `.SS "${text(`ancmd ${usage}`)}"`,
    paragraph(summary.replace(/[^.]$/, '$&.')),
    ...options.map((option) =>
      tagged(
        `${option.short === undefined ? '' : `-${option.short}, `}--${option.name}${option.value === undefined ? '' : ` ${option.value}`}`,
        option.summary,
      ),
    ),
  ])
  return `${[
    `.TH ANCMD 1 "${day}" "ancmd ${version}" "User Commands"`,
    '.SH NAME',
    'ancmd \\- host ASP.NET Core apps out of process, without IIS',
    '.SH SYNOPSIS',
    '.B ancmd',
    '.I command',
    '.RI [ options ]',
    '.SH DESCRIPTION',
    paragraph(
      'Takes the folder that "dotnet publish" made, with its web.config, listens in front, starts the app on the first request, forwards to it, starts it again when it crashes, writes its stdout log and stops it gracefully, as the ASP.NET Core Module does behind IIS.',
    ),
    '.SH COMMANDS',
    ...parts.flat(),
    '.SH SIGNALS',
    ...signals.map(([name, meaning]) => tagged(name, meaning)),
    '.SH EXIT STATUS',
    ...exits.map(([code, meaning]) => tagged(code, meaning)),
    '.SH FILES',
    ...files.map(([path, meaning]) => tagged(path, meaning)),
    '.SH SEE ALSO',
    '.BR systemctl (1),',
    '.BR journalctl (1),',
    '.BR systemd.socket (5)',
  ].join('\n')}\n`
}

const signals = [
  ['SIGTERM, SIGINT', 'stop gracefully; a second one stops at once'],
  ['SIGHUP', 'reads the host file again; with "run FOLDER" recycles the application'],
  ['SIGUSR2', 'recycles every application'],
]

const exits = [
  ['0', 'clean end, also after a signal'],
  ['1', 'failure at run time'],
  ['2', 'wrong usage'],
  ['69', 'the daemon is not running'],
  ['77', 'no permission, for a port or a file'],
  ['78', 'the configuration is invalid'],
]

const files = [
  ['/etc/ancmd/ancmd.config', 'the host file of the service'],
  ['/var/lib/ancmd', "home of the service, with ASP.NET Core's data protection keys"],
  ['/run/ancmd', 'runtime directory of the service'],
]

function paragraph(words) {
  return `.PP\n${text(words)}`
}

function tagged(tag, words) {
  return `.TP\n.B "${text(tag).replaceAll('"', '\\(dq')}"\n${text(words)}`
}

/** Text in which nothing is a request, an escape or a hyphenated option. */
function text(words) {
  const plain = words.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('…', '...').replaceAll("'", '\\(aq')
  return plain.replace(/^\./, '\\&.')
}
