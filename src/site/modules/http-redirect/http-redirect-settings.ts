/** The statuses of redirects by IIS's names. */
export const redirectStatuses = {
  Found: [302, 'Found'],
  Permanent: [301, 'Moved Permanently'],
  Temporary: [307, 'Temporary Redirect'],
  PermRedirect: [308, 'Permanent Redirect'],
} as const

/** What `<httpRedirect enabled="true">` comes to. */
export interface HttpRedirectSettings {
  /** The part of the application that it was written for, whose path is not appended; absent: all of it. */
  readonly part?: string
  /** '' if only the rules have one. */
  readonly destination: string
  /** True: it is the whole address; false: the rest of the path and the query are appended. */
  readonly exactDestination: boolean
  /** True: only requests for the application's own folder are redirected, not those for folders below it. */
  readonly childOnly: boolean
  readonly httpResponseStatus: keyof typeof redirectStatuses
  /** The first one whose wildcard the path matches decides. */
  readonly rules: readonly RedirectRule[]
}

export interface RedirectRule {
  /** Such as `*.php`; `*` stands for any characters, for which `$0` to `$9` stand in the destination. */
  readonly wildcard: string
  readonly destination: string
}
