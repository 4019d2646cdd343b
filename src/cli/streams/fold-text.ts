/** The least that is left for the text behind a column; a narrower terminal gets that text below it. */
const leastColumns = 30

/** A text in lines of at most so many characters, but for words that are longer. */
export function foldText(text: string, columns: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

/**
 * Help for a terminal of so many columns. Of a line `  --name  what it does` the second part is folded and stays in its
 * column.
 */
export function foldHelp(help: string, columns: number): string {
  return help
    .split('\n')
    .flatMap((line) => {
      if (line.length <= columns) return [line]
      const [, left = '', text = ''] = /^( {2}\S.*? {2,})(?=\S)(.*)$/.exec(line) ?? []
      if (left === '') return foldText(line, columns)
      const isBeside = columns - left.length >= leastColumns
      const indent = ' '.repeat(isBeside ? left.length : 6)
      const lines = foldText(text, columns - indent.length).map((each) => indent + each)
      return isBeside ? [left + (lines[0] ?? '').slice(left.length), ...lines.slice(1)] : [left.trimEnd(), ...lines]
    })
    .join('\n')
}
