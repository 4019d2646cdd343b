import { ascii, spells } from './bytes.ts'

/** The fields that this engine interprets, as small numbers; 0 is any other field. */
export const Field = Object.freeze({
  other: 0,
  host: 1,
  date: 2,
  te: 3,
  expect: 4,
  upgrade: 5,
  trailer: 6,
  connection: 7,
  keepAlive: 8,
  contentLength: 9,
  transferEncoding: 10,
  proxyConnection: 11,
  xForwardedFor: 12,
  xForwardedProto: 13,
  /** A name that begins with MS-ASPNETCORE or MS_ASPNETCORE; an application may read `_` and `-` as the same. */
  msAspNetCore: 14,
  /** A name that begins with X-Forwarded and has `_` in place of a `-`, such as X_Forwarded_For. */
  forwardedLookalike: 15,
  http2Settings: 16,
  authorization: 17,
  proxyAuthorization: 18,
  wwwAuthenticate: 19,
  proxyAuthenticate: 20,
  /** Forwarded (RFC 7239), and any other name that begins with X-Forwarded, such as X-Forwarded-Host. */
  otherForwarded: 21,
})

const host = ascii('host')
const date = ascii('date')
const te = ascii('te')
const expect = ascii('expect')
const upgrade = ascii('upgrade')
const trailer = ascii('trailer')
const connection = ascii('connection')
const keepAlive = ascii('keep-alive')
const contentLength = ascii('content-length')
const http2Settings = ascii('http2-settings')
const transferEncoding = ascii('transfer-encoding')
const proxyConnection = ascii('proxy-connection')
const forwarded = ascii('forwarded')
const xForwarded = ascii('x-forwarded')
const xForwardedFor = ascii('x-forwarded-for')
const xForwardedProto = ascii('x-forwarded-proto')
const authorization = ascii('authorization')
const proxyAuthorization = ascii('proxy-authorization')
const wwwAuthenticate = ascii('www-authenticate')
const proxyAuthenticate = ascii('proxy-authenticate')
const ms = ascii('ms')
const aspNetCore = ascii('aspnetcore')
const M = 0x6d
const X = 0x78
const HYPHEN = 0x2d
const UNDERSCORE = 0x5f

/**
 * The number in `Field` of the field name between `start` and `end`, in any letter case (RFC 9110 5.1). The name's
 * length is looked at first, so that most names need one comparison at most.
 */
export function fieldCode(bytes: Uint8Array, start: number, end: number): number {
  switch (end - start) {
    case 2:
      return spells(bytes, start, te) ? Field.te : Field.other
    case 4:
      return spells(bytes, start, host) ? Field.host : spells(bytes, start, date) ? Field.date : Field.other
    case 6:
      return spells(bytes, start, expect) ? Field.expect : Field.other
    case 7:
      return spells(bytes, start, upgrade) ? Field.upgrade : spells(bytes, start, trailer) ? Field.trailer : Field.other
    case 9:
      return spells(bytes, start, forwarded) ? Field.otherForwarded : Field.other
    case 10:
      if (spells(bytes, start, connection)) return Field.connection
      return spells(bytes, start, keepAlive) ? Field.keepAlive : Field.other
    case 13:
      if (spells(bytes, start, authorization)) return Field.authorization
      break
    case 14:
      if (spells(bytes, start, contentLength)) return Field.contentLength
      if (spells(bytes, start, http2Settings)) return Field.http2Settings
      break
    case 15:
      if (spells(bytes, start, xForwardedFor)) return Field.xForwardedFor
      break
    case 16:
      if (spells(bytes, start, proxyConnection)) return Field.proxyConnection
      if (spells(bytes, start, wwwAuthenticate)) return Field.wwwAuthenticate
      break
    case 17:
      if (spells(bytes, start, transferEncoding)) return Field.transferEncoding
      if (spells(bytes, start, xForwardedProto)) return Field.xForwardedProto
      break
    case 18:
      if (spells(bytes, start, proxyAuthenticate)) return Field.proxyAuthenticate
      break
    case 19:
      if (spells(bytes, start, proxyAuthorization)) return Field.proxyAuthorization
      break
  }
  const first = (bytes[start] as number) | 0x20
  if (first === M) return end - start >= 13 && isMsAspNetCore(bytes, start) ? Field.msAspNetCore : Field.other
  if (first !== X || end - start < xForwarded.length || !spellsDashed(bytes, start, xForwarded)) return Field.other
  return hasUnderscore(bytes, start, end) ? Field.forwardedLookalike : Field.otherForwarded
}

function hasUnderscore(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === UNDERSCORE) return true
  return false
}

function isMsAspNetCore(bytes: Uint8Array, start: number): boolean {
  const separator = bytes[start + 2]
  return (
    (separator === HYPHEN || separator === UNDERSCORE) &&
    spells(bytes, start, ms) &&
    spells(bytes, start + 3, aspNetCore)
  )
}

/** Whether the bytes at `at` are `lowerCase` in any letter case, where `_` counts as `-`. */
function spellsDashed(bytes: Uint8Array, at: number, lowerCase: Uint8Array): boolean {
  for (let i = 0; i < lowerCase.length; i++) {
    const byte = bytes[at + i] as number
    if ((byte === UNDERSCORE ? HYPHEN : byte | 0x20) !== lowerCase[i]) return false
  }
  return true
}
