/** The options of a Connection field (or the members of another plain list) in lower case; empty without the field. */
export function connectionOptions(value: string | undefined): readonly string[] {
  if (value === undefined) return NONE
  return value
    .toLowerCase()
    .split(',')
    .map((option) => option.trim())
}

const NONE: readonly string[] = []

/**
 * Whether a lower-case name is a field of the pairing between ANCM and the app: all names that begin with MS-ASPNETCORE
 * (no dash need follow, as in ANCM), also with `_` for `-`, which some applications take for the same.
 */
export function isPairingField(lower: string): boolean {
  return lower.startsWith('ms-aspnetcore') || lower.startsWith('ms_aspnetcore')
}
