import { emit } from './emit.ts'
import type { Log } from './entry.ts'

/* The events about certificates; see events.ts. */

/**
 * A certificate cannot be used. `kept`: its files were renewed while it was in use, and the one before stays in force.
 * `text`: the problem, with its place and cure.
 */
export function certificateRejected(log: Log, f: { file: string; text: string; kept: boolean }): void {
  const effect = f.kept ? '; the one before stays in force' : ''
  emit(log, 'error', 'certificateRejected', `a certificate cannot be used${effect}: ${f.text}`, {
    file: f.file,
    kept: f.kept,
  })
}

/** A certificate works, but not as its owner may expect. `text`: the problem, with its place and cure. */
export function certificateNotice(log: Log, f: { file: string; text: string }): void {
  emit(log, 'warn', 'certificateNotice', f.text, { file: f.file })
}

/** The files of a certificate were renewed, and new connections get it. `validTo`: undefined for authorities. */
export function certificateRenewed(log: Log, f: { file: string; validTo: string | undefined }): void {
  const until = f.validTo === undefined ? '' : `, valid until ${f.validTo}`
  emit(log, 'info', 'certificateRenewed', `${f.file} was renewed and is in force${until}`, f)
}

/** Said when the certificate comes into force, and then every day. */
export function certificateExpiring(log: Log, f: { file: string; validTo: string; days: number }): void {
  emit(log, 'warn', 'certificateExpiring', `the certificate ${f.file} expires in ${String(f.days)} days. Renew it`, f)
}

/** Said when the certificate comes into force, and then every day. */
export function certificateExpired(log: Log, f: { file: string; validTo: string }): void {
  emit(log, 'warn', 'certificateExpired', `the certificate ${f.file} has expired (${f.validTo}). Renew it`, f)
}
