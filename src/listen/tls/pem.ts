/** One block of a PEM file. */
export interface PemBlock {
  /** Such as `CERTIFICATE` or `ENCRYPTED PRIVATE KEY`. */
  readonly label: string
  readonly text: string
  /** The line of its BEGIN, from 1. */
  readonly line: number
}

export interface PemFile {
  readonly blocks: readonly PemBlock[]
  /** The line of a BEGIN that has no END; undefined where every block is whole. */
  readonly cutAt: number | undefined
}

/** Finds the blocks of a PEM file, whatever stands between them; a byte order mark and CRLF do no harm. */
export function readPem(text: string): PemFile {
  const blocks: PemBlock[] = []
  let cutAt: number | undefined
  for (const begin of text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----/g)) {
    const [, label = ''] = begin
    const line = text.slice(0, begin.index).split('\n').length
    const end = `-----END ${label}-----`
    const until = text.indexOf(end, begin.index)
    if (until === -1) cutAt ??= line
    else blocks.push({ label, line, text: text.slice(begin.index, until + end.length).replaceAll('\r', '') })
  }
  return { blocks, cutAt }
}

export function isCertificate({ label }: PemBlock): boolean {
  return label === 'CERTIFICATE' || label === 'X509 CERTIFICATE' || label === 'TRUSTED CERTIFICATE'
}

export function isPrivateKey({ label }: PemBlock): boolean {
  return label.endsWith('PRIVATE KEY')
}
