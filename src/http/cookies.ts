/** Every value that a Cookie field gives to one name; several lines may be joined by commas, as Headers.get() does. */
export function cookieValues(field: string, name: string): string[] {
  return field
    .split(/[;,]/)
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
}

/** One Cookie line without a name, the rest as it was written; '' when nothing else is in it. */
export function withoutCookie(line: string, name: string): string {
  if (!line.includes(name)) return line
  return line
    .split(';')
    .filter((pair) => !pair.trimStart().startsWith(`${name}=`))
    .join(';')
    .trim()
}
