const signature = Buffer.from('NTLMSSP\0', 'latin1')

/** Whether a token is one of NTLM, by itself or wrapped into SPNEGO. */
export function isNtlm(token: Buffer): boolean {
  return token.includes(signature)
}

/** For the log: what keeps a client of Windows from getting a ticket. */
export const ntlmCause =
  'the client had no ticket of Kerberos and sent NTLM: look at the SPN (HTTP/host), the name in DNS (no address, no alias) and the clocks'
