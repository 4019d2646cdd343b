import type { EnvironmentVariable, ProcessConfig } from './model.ts'

/** The environment variable that tells the application its port. */
export function portVariable(kind: ProcessConfig['kind']): 'ASPNETCORE_PORT' | 'HTTP_PLATFORM_PORT' {
  return kind === 'httpPlatform' ? 'HTTP_PLATFORM_PORT' : 'ASPNETCORE_PORT'
}

/** The port that `<environmentVariables>` fixes, as written; undefined when ancmd chooses the port. */
export function fixedPort(
  variables: readonly EnvironmentVariable[],
  name: ReturnType<typeof portVariable>,
): string | undefined {
  const value = variables.find((variable) => variable.name.toUpperCase() === name)?.value.trim() ?? ''
  return value === '' || asksForPort(value) ? undefined : value
}

/** Whether the text is only the placeholder, which stands for the port that ancmd chooses. */
function asksForPort(text: string): boolean {
  return /^%(?:ASPNETCORE_PORT|HTTP_PLATFORM_PORT)%$/i.test(text)
}
