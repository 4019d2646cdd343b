// Completion for shells, made from the table of commands (commands.mjs).

/** For bash. */
export function bashCompletion(commands) {
  const values = commands.flatMap(({ name, options }) =>
    options.flatMap((option) => {
      const act = bashAct(option.takes, option.words)
      return act === undefined ? [] : spellings(option).map((each) => `    '${name} ${each}') ${act}; return ;;`)
    }),
  )
  const options = commands.map(({ name, options }) => `    ${name}) words='${options.flatMap(spellings).join(' ')}' ;;`)
  const rest = commands.flatMap(({ name, takes, words }) => {
    const act = bashAct(takes, words)
    return act === undefined ? [] : [`    ${name}) ${act} ;;`]
  })
  return `# bash completion for ancmd, made from its table of commands

_ancmd() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} verb=\${COMP_WORDS[1]} words=
  COMPREPLY=()
  # Bash makes three words of --option=value.
  if [ "$cur" = = ]; then
    cur=
  elif [ "$prev" = = ]; then
    prev=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${[...commands.map(({ name }) => name), 'help', '--help', '--version'].join(' ')}' -- "$cur"))
    return
  fi
  case "$verb $prev" in
${values.join('\n')}
  esac
  case "$verb" in
${options.join('\n')}
  esac
  if [ "\${cur#-}" != "$cur" ]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    return
  fi
  case "$verb" in
${rest.join('\n')}
  esac
}

complete -F _ancmd ancmd
`
}

function bashAct(takes, words) {
  if (takes === 'words') return `COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$cur"))`
  if (takes === 'folder') return 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur")'
  if (takes === 'file') return 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur")'
  return takes === 'text' ? 'COMPREPLY=()' : undefined
}

/** For zsh. */
export function zshCompletion(commands) {
  const names = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`)
  const cases = commands.map(({ name, takes, words, options }) => {
    const lines = options.flatMap(zshOptions).map((option) => `        ${quoted(option)}`)
    if (takes === 'words') lines.push(`        ${quoted(`:action:(${words.join(' ')})`)}`)
    if (takes === 'folder') lines.push("        ':folder:_files -/'")
    return `    ${name})\n      _arguments \\\n${lines.join(' \\\n')}\n      ;;`
  })
  return `#compdef ancmd
# zsh completion for ancmd, made from its table of commands

_ancmd() {
  local -a commands
  commands=(
${names.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${cases.join('\n')}
  esac
}

_ancmd "$@"
`
}

function zshOptions(option) {
  return spellings(option).map((each) => zshOption(each, option))
}

function zshOption(spelling, { value, summary, takes, words, repeats }) {
  const text = summary.replaceAll(/[[\]\\:]/g, '\\$&')
  const many = repeats === true ? '*' : ''
  if (takes === 'flag') return `${many}${spelling}[${text}]`
  const acts = { words: `(${words.join(' ')})`, folder: '_files -/', file: '_files', text: ' ' }
  return `${many}${spelling}[${text}]:${(value ?? '').replaceAll(/[:|]/g, ' ')}:${acts[takes]}`
}

/** For fish. */
export function fishCompletion(commands) {
  const lines = commands.flatMap(({ name, summary, takes, words, options }) => {
    const when = `-n '__fish_seen_subcommand_from ${name}'`
    const acts = { words: (list) => `-x -a '${list.join(' ')}'`, folder: () => "-x -a '(__fish_complete_directories)'" }
    const valueOf = (option) =>
      acts[option.takes]?.(option.words) ?? { file: '-r -F', text: '-x', flag: '' }[option.takes]
    const argument = acts[takes]?.(words)?.replace('-x ', '-f ')
    return [
      `complete -c ancmd -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
      ...options.map((option) =>
        `complete -c ancmd ${when} ${option.short === undefined ? '' : `-s ${option.short} `}-l ${option.name} ${valueOf(option)} -d ${quoted(option.summary)}`.replace(
          '  ',
          ' ',
        ),
      ),
      ...(argument === undefined ? [] : [`complete -c ancmd ${when} ${argument}`]),
    ]
  })
  return `# fish completion for ancmd, made from its table of commands
complete -c ancmd -f
complete -c ancmd -n __fish_use_subcommand -l version -d 'prints the version'
complete -c ancmd -n __fish_use_subcommand -l help -d 'lists the commands'
${lines.join('\n')}
`
}

/** As an option may be written: `-f`, `--follow`. */
function spellings({ name, short }) {
  return [...(short === undefined ? [] : [`-${short}`]), `--${name}`]
}

/** In single quotes, for zsh and fish. */
function quoted(text) {
  return `'${text.replaceAll('’', "'").replaceAll("'", `'\\''`)}'`
}
