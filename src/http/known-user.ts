/**
 * The user that an exchange comes from. A module for authentication gives it to the later modules by a view of the
 * exchange (http/exchange-view.ts).
 */
export interface KnownUser {
  /** Such as `EXAMPLE\alice`, or `alice`. */
  readonly name: string
  /** How the user has proved who it is. */
  readonly authenticationType: 'Negotiate' | 'Basic'
  /** Names of the groups that the user is in, as far as they have been looked up; the application's roles. */
  readonly groups: readonly string[]
  /** Whether the user is in the group of this name. */
  isInRole(role: string): boolean
}
