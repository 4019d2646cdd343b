import type { Failure } from './answer.ts'
import type { TlsFacts } from './exchange.ts'

/**
 * Why a client's certificate, or its absence, is refused; undefined if it is not. A certificate that was sent has to be
 * valid even where none is required.
 *
 * @param isRequired whether a request without a certificate is refused; one without TLS has none
 */
export function certificateFailure(tls: TlsFacts | undefined, isRequired: boolean): Failure | undefined {
  switch (tls?.clientCertificateStatus ?? 'none') {
    case 'none':
      return isRequired ? { kind: 'certificate-required' } : undefined
    case 'untrusted':
      return { kind: 'certificate-untrusted' }
    case 'expired':
      return { kind: 'certificate-expired' }
    case 'trusted':
      return undefined
  }
}

/**
 * The refusal by the binding itself (its `clientCertificates`). The pipeline asks for every exchange before anything
 * else, so neither a protocol, nor a path, nor the state of an application can get round it.
 */
export function bindingFailure(tls: TlsFacts | undefined): Failure | undefined {
  return tls === undefined ? undefined : certificateFailure(tls, tls.settings.clientCertificates === 'require')
}
