/**
 * The user that an exchange comes from. A module for authentication gives it to the later modules by a view of the
 * exchange (http/exchange-view.ts).
 */
export interface KnownUser {
  /** Such as `EXAMPLE\alice`, or `alice`. */
  readonly name: string
  /** Whether the user is in the group of this name. */
  isInRole(role: string): boolean
}
