/** What `<urlCompression>` comes to; written only where it compresses something. */
export interface UrlCompressionSettings {
  /** Whether responses of the application are compressed. */
  readonly dynamic: boolean
  /** Whether files are compressed that a static handler serves. */
  readonly static: boolean
}

/** A content coding that is offered. */
export interface CompressionScheme {
  readonly name: CodingName
  /** As written: 0 is the usual level of the coding for responses that are made anew each time. */
  readonly dynamicLevel: number
  readonly staticLevel: number
}

export type CodingName = 'br' | 'deflate' | 'gzip' | 'zstd'

/** Whether a media type is compressed. */
export interface CompressedType {
  /** In lower case, without parameters: `text/html`, `text/*`, or `*` for the types of no other entry. */
  readonly mimeType: string
  readonly enabled: boolean
}

/** What `<httpCompression>` comes to. */
export interface HttpCompressionSettings {
  /** In file order, which decides between codings that a client likes equally. */
  readonly schemes: readonly CompressionScheme[]
  readonly dynamicTypes: readonly CompressedType[]
  readonly staticTypes: readonly CompressedType[]
  /** Bytes; a body that is known to be shorter stays plain. */
  readonly minFileSizeForComp: number
  readonly noCompressionForHttp10: boolean
  readonly noCompressionForProxies: boolean
  readonly noCompressionForRange: boolean
  /** How many responses are compressed at a time; further ones stay plain. */
  readonly maxConcurrentCompressions: number
}
