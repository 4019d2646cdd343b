import { type Place, Problems, shown } from '../../../config/problems.ts'
import { type CollectionTable, collectionShape, readCollection } from '../../../config/sections/collection.ts'
import { readAttributes } from '../../../config/xml/element.ts'
import type { XmlElement } from '../../../config/xml/xml.ts'
import { bool, choice, nonEmpty, string, uint } from '../../../platform/schema.ts'
import type { ErrorResponse, HttpErrorsSettings } from './http-errors-settings.ts'

interface ErrorAttributes {
  readonly statusCode: number
  readonly subStatusCode: number
  readonly prefixLanguageFilePath: string
  readonly path: string
  readonly responseMode: ErrorResponse['responseMode']
}

const responseModes = choice(['File', 'ExecuteURL', 'Redirect'])

const sectionKinds = {
  errorMode: choice(['DetailedLocalOnly', 'Custom', 'Detailed']),
  existingResponse: choice(['Auto', 'Replace', 'PassThrough']),
  defaultPath: string(),
  defaultResponseMode: responseModes,
  detailedMoreInformationLink: string(),
  allowAbsolutePathsWhenDelegated: bool(),
}

const table: CollectionTable<ErrorAttributes> = {
  what: 'error',
  addElement: 'error',
  kinds: {
    statusCode: uint({ min: 400, max: 999 }),
    subStatusCode: uint({ min: -1, max: 999 }),
    prefixLanguageFilePath: string(),
    path: nonEmpty('a file or an address'),
    responseMode: responseModes,
  },
  required: ['statusCode', 'path'],
  key: ['statusCode', 'subStatusCode'],
  defaults: { subStatusCode: -1, prefixLanguageFilePath: '', responseMode: 'File' },
  attributes: {
    kinds: sectionKinds,
    defaults: {
      errorMode: 'DetailedLocalOnly',
      existingResponse: 'Auto',
      defaultResponseMode: 'File',
      allowAbsolutePathsWhenDelegated: false,
    },
  },
}

/** `<httpErrors>`. */
export const httpErrorsShape = collectionShape(table)

/** Reads the `<httpErrors>` elements, outermost file first. Undefined: ancmd's own pages are sent. */
export function readHttpErrors(elements: readonly XmlElement[], problems: Problems): HttpErrorsSettings | undefined {
  const entries = readCollection(elements, table, problems)
  let [errorMode, existingResponse]: [HttpErrorsSettings['errorMode'], HttpErrorsSettings['existingResponse']] = [
    'DetailedLocalOnly',
    'Auto',
  ]
  let [defaultPath, defaultMode]: [{ value: string; at: Place } | undefined, ErrorResponse['responseMode']] = [
    undefined,
    'File',
  ]
  for (const element of elements) {
    // What is wrong has been reported with the collection.
    const written = readAttributes(element, sectionKinds, new Problems())
    errorMode = written.errorMode?.value ?? errorMode
    existingResponse = written.existingResponse?.value ?? existingResponse
    defaultPath = written.defaultPath ?? defaultPath
    defaultMode = written.defaultResponseMode?.value ?? defaultMode
  }
  let prefixed: Place | undefined
  const errors = entries.flatMap(({ values, at, element }) => {
    const { statusCode = 0, subStatusCode = -1, path = '', responseMode = 'File', prefixLanguageFilePath = '' } = values
    const place = at.path ?? element?.at
    if (place === undefined) return []
    if (responseMode === 'File' && prefixLanguageFilePath !== '') {
      prefixed ??= at.prefixLanguageFilePath ?? place
      return []
    }
    const usable = usablePath(responseMode, path, place, problems)
    return usable === undefined ? [] : [{ statusCode, subStatusCode, responseMode, path: usable }]
  })
  if (prefixed !== undefined) {
    const text = 'Pages are not looked for in folders for languages (prefixLanguageFilePath), so those are not sent.'
    problems.notice(prefixed, text, 'Leave prefixLanguageFilePath out.')
  }
  const fallback =
    defaultPath === undefined || defaultPath.value === ''
      ? undefined
      : usablePath(defaultMode, defaultPath.value, defaultPath.at, problems)
  const otherwise = fallback === undefined ? undefined : { responseMode: defaultMode, path: fallback }
  if (errorMode === 'Detailed') return { errorMode, existingResponse, errors: [] }
  if (existingResponse === 'PassThrough' || (errors.length === 0 && otherwise === undefined)) return undefined
  return { errorMode, existingResponse, errors, ...(otherwise !== undefined && { otherwise }) }
}

function usablePath(
  mode: ErrorResponse['responseMode'],
  path: string,
  at: Place,
  problems: Problems,
): string | undefined {
  const error = (text: string, cure: string): undefined => {
    problems.error(at, `path="${shown(path)}" ${text}`, cure)
    return undefined
  }
  if (mode === 'File') return usableFile(path, at, problems, error)
  if (!/^[\x21-\x7e]+$/.test(path)) return error('cannot stand in an address.', 'Write it with escapes (%20).')
  const isLocal = /^\/(?![/\\])/.test(path)
  if (mode === 'ExecuteURL') {
    return isLocal ? path : error('is no path of this site.', 'Write one that begins with a single slash.')
  }
  if (isLocal || /^https?:\/\//i.test(path)) return path
  return error('is no address.', 'Write one that begins with a slash or with http.')
}

function usableFile(
  path: string,
  at: Place,
  problems: Problems,
  error: (text: string, cure: string) => undefined,
): string | undefined {
  const plain = path.replaceAll('\\', '/')
  if (plain.split('/').includes('..')) {
    return error('leads out of the folder of the application.', 'Write a file below that folder.')
  }
  if (!/^(?:[a-z]:|\/)/i.test(plain) && !plain.includes(':') && !plain.includes('\0')) return plain
  const text = `path="${shown(path)}" is no file below the folder of the application, so it is not sent.`
  problems.warning(at, text, 'Write a relative path.')
  return undefined
}
