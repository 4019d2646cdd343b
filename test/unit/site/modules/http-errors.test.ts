import { describe, expect, test } from 'vitest'
import { httpErrors, showsDetails } from '../../../../src/site/modules/http-errors/http-errors.ts'
import { readSection, stepsFor } from './section.ts'

const read = (attributes: string, ...inner: readonly string[]) =>
  readSection(httpErrors, ...inner.map((text) => `<httpErrors ${attributes}>${text}</httpErrors>`))
const page = (path: string, more = ''): string => `<error statusCode="404" path="${path}" ${more} />`

describe('httpErrors', () => {
  test('has the pages of outer files until an inner one takes them away', () => {
    const { settings, lines } = read(
      '',
      page('404.html'),
      '<remove statusCode="404" subStatusCode="-1" /><error statusCode="502" subStatusCode="3" path="errors\\502.html" />',
    )
    expect(lines).toEqual([])
    expect(settings).toEqual({
      errorMode: 'DetailedLocalOnly',
      existingResponse: 'Auto',
      errors: [{ statusCode: 502, subStatusCode: 3, path: 'errors/502.html', responseMode: 'File' }],
    })
    expect(read('', page('a'), '<clear />').settings).toBeUndefined()
  })

  test('with PassThrough, or without a page, changes nothing', () => {
    expect(read('existingResponse="PassThrough"', page('404.html'))).toEqual({ settings: undefined, lines: [] })
    expect(read('existingResponse="Replace" errorMode="Custom"', '')).toEqual({ settings: undefined, lines: [] })
  })

  test('with errorMode="Detailed" alone shows everybody our own page, with details', () => {
    const { settings } = read('errorMode="Detailed"', page('404.html'))
    expect(settings).toEqual({ errorMode: 'Detailed', existingResponse: 'Auto', errors: [] })
    expect(stepsFor(httpErrors, ['<httpErrors errorMode="Detailed" />'])).toEqual({})
    expect(showsDetails({ sections: { httpErrors: settings } })).toBe(true)
    expect(showsDetails({ sections: {} })).toBe(false)
  })

  test.each([
    [page('..\\x'), 'path="..\\x" leads out of the folder of the application. Write a file below that folder.'],
    [page('a/../../x'), 'leads out of the folder'],
    [
      page('x', 'responseMode="ExecuteURL"'),
      'path="x" is no path of this site. Write one that begins with a single slash.',
    ],
    [page('//h/x', 'responseMode="ExecuteURL"'), 'is no path of this site.'],
    [page('javascript:x', 'responseMode="Redirect"'), 'is no address.'],
    [page('//h', 'responseMode="Redirect"'), 'is no address.'],
    [page('/a b', 'responseMode="Redirect"'), 'cannot stand in an address.'],
    ['<error statusCode="399" path="a" />', 'statusCode="399" is out of range. Write a whole number from 400 to 999.'],
    ['<error statusCode="404" />', '<error> has no path.'],
    [page('a') + page('b'), 'The error "404 " is added on line 1 already. Remove one <error> of the two.'],
  ])('%s is refused with place and cure', (inner, text) => {
    const { lines } = read('', inner)
    expect(lines.join('\n')).toMatch(/^0\.config:1:\d+: error: /)
    expect(lines.join('\n')).toContain(text)
  })

  test('refuses an attribute that there is not', () => {
    expect(read('existingReponse="PassThrough"', '').lines.join()).toContain('Did you mean "existingResponse"?')
  })

  test("leaves out what IIS's own host file has: pages in folders for languages, and absolute paths", () => {
    const inner = page('404.htm', 'prefixLanguageFilePath="%SystemDrive%\\inetpub\\custerr"')
    expect(read('', inner)).toMatchObject({ settings: undefined, lines: [expect.stringContaining('notice: ')] })
    expect(read('', page('C:\\errors\\404.htm'))).toMatchObject({
      settings: undefined,
      lines: [expect.stringContaining('warning: ')],
    })
  })

  test('is shown by check', () => {
    const { settings } = read(
      'errorMode="Custom" existingResponse="Replace" defaultPath="x.html"',
      page('a.html', 'subStatusCode="7"'),
    )
    if (settings === undefined) throw new Error('no settings')
    expect(httpErrors.section?.describe(settings)).toEqual([
      ['errors', "pages for everybody, also instead of the application's"],
      ['error 404.7', 'the file a.html'],
      ['every other error', 'the file x.html'],
    ])
  })
})
