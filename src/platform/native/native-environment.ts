/** A variable of this process, as libraries in it read it. */
export function nativeVariable(name: string): string | undefined {
  return process.env[name]
}

/**
 * Sets a variable of this process for the libraries in it, which have no other way to be told; undefined removes it.
 * Processes that are started get a copy of the environment that was made before (`HostDependencies.environment`).
 */
export function setNativeVariable(name: string, value: string | undefined): void {
  if (process.env[name] === value) return
  if (value === undefined) Reflect.deleteProperty(process.env, name)
  else process.env[name] = value
}
