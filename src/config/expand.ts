/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface Expansion {
  readonly text: string
  /** Names of variables without a value, each once; in the text they stay as they were written. */
  readonly unknown: readonly string[]
}

/**
 * Variables that stand for the application's port, which is known only when its process is started; so they are not
 * expanded here.
 */
const portVariables = ['ASPNETCORE_PORT', 'HTTP_PLATFORM_PORT']

const variableName = /^[A-Za-z_][A-Za-z0-9_().]*$/

function isPortVariable(name: string): boolean {
  return portVariables.includes(name.toUpperCase())
}

/**
 * The value of a variable. Its name matches in any letter case; where several names differ only in case, the exact
 * spelling wins.
 */
export function variable(environment: Environment, name: string): string | undefined {
  if (Object.hasOwn(environment, name)) return environment[name]
  const upper = name.toUpperCase()
  const found = Object.keys(environment).find((key) => key.toUpperCase() === upper)
  return found === undefined ? undefined : environment[found]
}

/**
 * Expands `%NAME%` as Windows does: names match in any letter case, unknown names stay with their percent signs, values
 * are not expanded again. The `%` that ends an unknown name may begin the next name. `$NAME` is not expanded.
 */
export function expand(text: string, environment: Environment): Expansion {
  const values = new Map<string, string | undefined>()
  let expanded = ''
  let at = 0
  while (at < text.length) {
    const start = text.indexOf('%', at)
    const end = start < 0 ? -1 : text.indexOf('%', start + 1)
    if (end < 0) break
    const name = text.slice(start + 1, end)
    const isPort = isPortVariable(name)
    if (!values.has(name)) values.set(name, isPort || name === '' ? undefined : variable(environment, name))
    const value = values.get(name)
    expanded += text.slice(at, start)
    if (value !== undefined || isPort) {
      expanded += value ?? text.slice(start, end + 1)
      at = end + 1
    } else {
      expanded += text.slice(start, end)
      at = end
    }
  }
  const missing = [...values].filter(
    ([name, value]) => value === undefined && variableName.test(name) && !isPortVariable(name),
  )
  return { text: expanded + text.slice(at), unknown: missing.map(([name]) => name) }
}
