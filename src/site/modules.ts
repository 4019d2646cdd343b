import type { SectionReader } from '../config/sections/section-reader.ts'
import { access } from './modules/access.ts'
import { accessLog } from './modules/access-log/access-log.ts'
import { authentication } from './modules/authentication/authentication.ts'
import { applicationInitialization } from './modules/application-initialization/application-initialization.ts'
import { authorization } from './modules/authorization/authorization.ts'
import { compression, compressionSchemes } from './modules/compression/compression.ts'
import { cors } from './modules/cors/cors.ts'
import { customHeaders } from './modules/custom-headers/custom-headers.ts'
import { handlerMapping } from './modules/handlers/handler-mapping.ts'
import { httpErrors } from './modules/http-errors/http-errors.ts'
import { httpRedirect } from './modules/http-redirect/http-redirect.ts'
import { hsts } from './modules/hsts.ts'
import { dynamicIpSecurity } from './modules/ip-restriction/dynamic-ip-security.ts'
import { ipSecurity } from './modules/ip-restriction/ip-security.ts'
import { metering } from './modules/metering.ts'
import { moduleList } from './modules/module-list.ts'
import type { Module } from './modules/module.ts'
import { requestFiltering } from './modules/request-filtering/request-filtering.ts'
import { globalRewrite, rewrite } from './modules/rewrite/rewrite.ts'
import { serverRuntime } from './modules/server-runtime.ts'
import { siteLimits } from './modules/site-limits.ts'
import { defaultDocument } from './modules/handlers/default-document.ts'
import { directoryBrowse } from './modules/handlers/directory-browse.ts'
import { staticContent } from './modules/handlers/static-content.ts'
import { webSocket } from './modules/web-socket.ts'

/** Every module, in the order of IIS's pipeline: a request meets them from top to bottom, and so does its response. */
export const modules: readonly Module[] = [
  moduleList,
  // Before IIS's events: what a request has to come by.
  siteLimits,
  hsts,
  access,
  // Before any rewriting, after which another part of the application may be the one that goes on counting.
  serverRuntime,
  // PreBeginRequest
  dynamicIpSecurity,
  globalRewrite,
  // BeginRequest
  cors,
  ipSecurity,
  requestFiltering,
  rewrite,
  applicationInitialization,
  // AuthenticateRequest
  authentication,
  // AuthorizeRequest
  authorization,
  // MapRequestHandler
  httpRedirect,
  handlerMapping,
  // ExecuteRequestHandler
  staticContent,
  defaultDocument,
  directoryBrowse,
  webSocket,
  // ReleaseRequestState
  compression,
  compressionSchemes,
  // LogRequest
  accessLog,
  metering,
  // SendResponse
  httpErrors,
  customHeaders,
]

/** The section readers of these modules, as loading a web.config needs them. */
export function sectionsOf(list: readonly Module[]): readonly SectionReader[] {
  return list.flatMap(({ section }) => (section === undefined ? [] : [section]))
}
