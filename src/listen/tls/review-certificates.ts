import type { BindingConfig } from '../../config/model.ts'
import { type Problem, problemAt, wholeFile } from '../../config/problems.ts'
import { filesOf, pathsOf } from './certificates.ts'
import { readAuthorities, readCertificate, type ServerCertificate, validityWarnings } from './read-certificate.ts'

/** Every problem of the certificates that these bindings name, in the words of `run`. `now`: the wall clock. */
export async function reviewCertificates(bindings: readonly BindingConfig[], now: Date): Promise<readonly Problem[]> {
  const problems: Problem[] = []
  const read = new Map<string, ServerCertificate | undefined>()
  for (const { tls, hostName } of bindings) {
    if (tls === undefined) continue
    const certificates: ServerCertificate[] = []
    for (const files of filesOf(tls)) {
      const key = pathsOf(files)
      if (!read.has(key)) {
        const outcome = await readCertificate(files)
        read.set(key, outcome.ok ? outcome.value.certificate : undefined)
        problems.push(...(outcome.ok ? outcome.value.warnings : [outcome.failure]))
        if (outcome.ok) problems.push(...validityWarnings(outcome.value.certificate, now))
      }
      const certificate = read.get(key)
      if (certificate !== undefined) certificates.push(certificate)
    }
    problems.push(...nameWarnings(hostName, certificates), ...uselessCertificates(hostName, certificates))
    const { clientCa } = tls
    if (clientCa === undefined || read.has(clientCa)) continue
    read.set(clientCa, undefined)
    const authorities = await readAuthorities(clientCa)
    if (!authorities.ok) problems.push(authorities.failure)
  }
  return problems
}

/**
 * An error for each of the certificates of one binding that no client would ever get: one before it has the same kind of
 * key, and is for the same names. `hostName` is that of the binding, '' = any name.
 */
export function uselessCertificates(hostName: string, certificates: readonly ServerCertificate[]): readonly Problem[] {
  return certificates.flatMap((certificate, i) => {
    const alike = certificates.slice(0, i).filter((other) => kindOf(other) === kindOf(certificate))
    const [first] = alike
    const known = alike.flatMap(namesIn)
    const hasOwnName = hostName === '' && namesIn(certificate).some((name) => !known.includes(name))
    if (first === undefined || hasOwnName) return []
    const text = `No client would get this certificate: it has the same kind of key (${String(kindOf(first))}) as ${first.file}, and no other names.`
    return [problemAt('error', wholeFile(certificate.file), text, 'Remove it, or name one with another kind of key.')]
  })
}

/** `rsa` or `ec`, for example. */
export function kindOf({ leaf }: ServerCertificate): string | undefined {
  return leaf.publicKey.asymmetricKeyType
}

/** The names that a certificate is for, in lower case. */
export function namesIn({ leaf: { subjectAltName = '' } }: ServerCertificate): readonly string[] {
  return Array.from(subjectAltName.matchAll(/DNS:([^\s,"]+)/g), ([, name = '']) => name.toLowerCase())
}

function nameWarnings(hostName: string, certificates: readonly ServerCertificate[]): readonly Problem[] {
  const [first] = certificates
  // Any name below a wildcard stands for all of them.
  const name = hostName.replace(/^\*\./, 'any.')
  if (name === '' || first === undefined) return []
  if (certificates.some(({ leaf }) => leaf.checkHost(name) !== undefined)) return []
  const text = `The certificate is not for ${hostName}, the host name of its binding.`
  return [problemAt('warning', wholeFile(first.file), text, 'Have one made for this name, or correct the binding.')]
}
