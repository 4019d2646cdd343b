/** The lower-case options of a Connection field (or the members of any other plain list); empty without one. */
export function connectionOptions(value: string | undefined): readonly string[] {
  if (value === undefined) return NONE
  return value
    .toLowerCase()
    .split(',')
    .map((option) => option.trim())
}

const NONE: readonly string[] = []

/**
 * Whether a lower-case name is one of the fields by which front and application know each other: all that begin with
 * MS-ASPNETCORE, without a dash after it (as in ANCM), and with `_` for `-`, which some applications read as the same.
 */
export function isPairingField(lower: string): boolean {
  return lower.startsWith('ms-aspnetcore') || lower.startsWith('ms_aspnetcore')
}
