/** A shared framework that an app asks for. */
export interface FrameworkReference {
  readonly name: string
  readonly version: string
  /**
   * The roll-forward setting of the file, else 'Minor', .NET's default; the environment variable DOTNET_ROLL_FORWARD
   * takes precedence over it.
   */
  readonly rollForward: string
}

/** What an app's runtimeconfig.json says about the runtime that the app needs. */
export interface RuntimeConfig {
  /** Whether the app uses shared frameworks; a self-contained app carries a runtime for its own system. */
  readonly isFrameworkDependent: boolean
  readonly frameworks: readonly FrameworkReference[]
  /**
   * Major version of the newest framework that the file names, also as included in a self-contained app; 0 when it
   * names none.
   */
  readonly major: number
  /** The properties that the app's AppContext has when the app starts. */
  readonly properties: ReadonlyMap<string, unknown>
}

/** Reads the text of a runtimeconfig.json; undefined when the text is not one. */
export function readRuntimeConfig(text: string): RuntimeConfig | undefined {
  let json: unknown
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    return undefined
  }
  const options = member(json, 'runtimeOptions')
  if (options === undefined) return undefined
  const [single, several, included] = ['framework', 'frameworks', 'includedFrameworks'].map((name) => {
    return member(options, name)
  })
  const majors = [single, several, included]
    .flatMap((frameworks) => frameworks ?? [])
    .map((framework) => Number.parseInt(String(member(framework, 'version')), 10))
  return {
    isFrameworkDependent: included === undefined && (single !== undefined || several !== undefined),
    frameworks: [single, ...(Array.isArray(several) ? (several as unknown[]) : [])].flatMap((entry) => {
      return referenceOf(entry, options) ?? []
    }),
    major: Math.max(0, ...majors.filter((major) => !Number.isNaN(major))),
    properties: new Map(Object.entries(member(options, 'configProperties') ?? {})),
  }
}

function referenceOf(entry: unknown, options: unknown): FrameworkReference | undefined {
  const name = member(entry, 'name')
  const version = member(entry, 'version')
  if (typeof name !== 'string' || typeof version !== 'string') return undefined
  // Before .NET Core 3.0 the setting had this name and a number from 0 as its value.
  const older = Number(member(options, 'rollForwardOnNoCandidateFx') ?? 1)
  const byDefault = ['LatestPatch', 'Minor', 'Major'][older] ?? 'Minor'
  const written = [member(entry, 'rollForward'), member(options, 'rollForward')]
  const rollForward = written.find((word): word is string => typeof word === 'string' && word !== '') ?? byDefault
  return { name, version, rollForward }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}
