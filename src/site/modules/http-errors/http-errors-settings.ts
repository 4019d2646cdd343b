/** What `<httpErrors>` comes to. */
export interface HttpErrorsSettings {
  /** Who gets the pages of `errors`: only clients on other machines, everybody, or nobody, who gets details instead. */
  readonly errorMode: 'DetailedLocalOnly' | 'Custom' | 'Detailed'
  /** Whether responses of the application are replaced as well. */
  readonly existingResponse: 'Auto' | 'Replace' | 'PassThrough'
  /** One for a status and a substatus goes before one for the status (substatus -1). */
  readonly errors: readonly CustomError[]
  /** For every other status of 400 and above; undefined: those have ancmd's own page. */
  readonly otherwise?: ErrorResponse
}

export interface ErrorResponse {
  readonly responseMode: 'File' | 'ExecuteURL' | 'Redirect'
  /** A file below the application's folder, with `/`; or a path of the application; or an address. */
  readonly path: string
}

export interface CustomError extends ErrorResponse {
  readonly statusCode: number
  readonly subStatusCode: number
}
