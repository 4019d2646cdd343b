import type { WebConfig } from '../../../config/model.ts'
import { type SectionReader, settingsOf } from '../../../config/sections/section-reader.ts'
import { isLocalClient } from '../../../http/forwarded-client.ts'
import type { Module, ModuleSteps } from '../module.ts'
import { enabledSchemes } from '../authentication/schemes/authentication-settings.ts'
import { CustomErrorReply, type CustomErrors } from './custom-error-reply.ts'
import { ErrorFiles } from './error-files.ts'
import type { ErrorResponse, HttpErrorsSettings } from './http-errors-settings.ts'
import { httpErrorsShape, readHttpErrors } from './read-http-errors.ts'

const section: SectionReader<HttpErrorsSettings> = {
  section: 'httpErrors',
  shape: httpErrorsShape,
  read: (elements, { problems }) => readHttpErrors(elements, problems),
  describe: ({ errorMode, existingResponse, errors, otherwise }) => [
    ['errors', errorMode === 'Detailed' ? 'with details' : `${modeText[errorMode]}${existingText[existingResponse]}`],
    ...errors.map((error) => {
      const sub = error.subStatusCode === -1 ? '' : `.${String(error.subStatusCode)}`
      return [`error ${String(error.statusCode)}${sub}`, responseText(error)] as const
    }),
    ...(otherwise === undefined ? [] : [['every other error', responseText(otherwise)] as const]),
  ],
}

const modeText = { Custom: 'pages for everybody', DetailedLocalOnly: 'pages for clients on other machines' }
const existingText = { Auto: '', PassThrough: '', Replace: ", also instead of the application's" }

/**
 * `<httpErrors>`: sends a file, a redirect or another response of the application instead of an error. By default only
 * answers of ancmd's own are replaced, because ANCM asks IIS to leave those of the application alone.
 */
export const httpErrors: Module<HttpErrorsSettings> = {
  section,
  nativeName: 'CustomErrorModule',
  create: ({ errorMode, existingResponse, errors, otherwise }, { path, physicalPath, sections = {} }): ModuleSteps => {
    if (errorMode === 'Detailed') return {}
    const own = errors.filter((error) => isServed(error, path))
    const { basic, windows } = enabledSchemes({ sections })
    const custom: CustomErrors = {
      find: (status, substatus) =>
        own.find((error) => error.statusCode === status && error.subStatusCode === substatus) ??
        own.find((error) => error.statusCode === status && error.subStatusCode === -1) ??
        otherwise,
      files: new ErrorFiles(physicalPath),
      replacesExisting: existingResponse === 'Replace',
      takesCredentials: (scheme) => (scheme === 'basic' ? basic : windows && /^(?:negotiate|ntlm)$/.test(scheme)),
    }
    return {
      wrapReply: (exchange, reply, execute) =>
        errorMode === 'DetailedLocalOnly' && isLocalClient(exchange)
          ? reply
          : new CustomErrorReply(reply, exchange, custom, execute),
    }
  },
}

/** Whether `errorMode="Detailed"` shows every client the details of an error. */
export function showsDetails(web: Pick<WebConfig, 'sections'>): boolean {
  return settingsOf(web, section)?.errorMode === 'Detailed'
}

/** Another application cannot be asked for a page. */
function isServed({ responseMode, path }: ErrorResponse, applicationPath: string): boolean {
  if (responseMode !== 'ExecuteURL' || applicationPath === '/') return true
  const lower = path.toLowerCase()
  const prefix = applicationPath.toLowerCase()
  return lower === prefix || lower.startsWith(`${prefix}/`)
}

function responseText({ responseMode, path }: ErrorResponse): string {
  return `${{ File: 'the file', ExecuteURL: 'the response to', Redirect: 'a redirect to' }[responseMode]} ${path}`
}
