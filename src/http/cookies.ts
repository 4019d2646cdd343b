/** All values of one cookie in a Cookie field; several lines may be joined by commas, as by Headers.get(). */
export function cookieValues(field: string, name: string): string[] {
  return field
    .split(/[;,]/)
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
}

/** A Cookie line without one cookie, the rest unchanged; '' when no other cookie is in it. */
export function withoutCookie(line: string, name: string): string {
  if (!line.includes(name)) return line
  return line
    .split(';')
    .filter((pair) => !pair.trimStart().startsWith(`${name}=`))
    .join(';')
    .trim()
}
