import type { EnvironmentVariable, ProcessConfig } from './model.ts'

/** The variable in which a child is told its port. */
export function portVariable(kind: ProcessConfig['kind']): 'ASPNETCORE_PORT' | 'HTTP_PLATFORM_PORT' {
  return kind === 'httpPlatform' ? 'HTTP_PLATFORM_PORT' : 'ASPNETCORE_PORT'
}

/** The port that `<environmentVariables>` fixes, as written; undefined when the choice is left to us. */
export function fixedPort(
  variables: readonly EnvironmentVariable[],
  name: ReturnType<typeof portVariable>,
): string | undefined {
  const value = variables.find((variable) => variable.name.toUpperCase() === name)?.value.trim() ?? ''
  return value === '' || asksForPort(value) ? undefined : value
}

/** The text is nothing but the placeholder: it asks for the port, it does not set one. */
function asksForPort(text: string): boolean {
  return /^%(?:ASPNETCORE_PORT|HTTP_PLATFORM_PORT)%$/i.test(text)
}
