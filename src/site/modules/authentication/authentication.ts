import type { SectionReader } from '../../../config/sections/section-reader.ts'
import { answerFailure } from '../../../http/answer.ts'
import { ExchangeView } from '../../../http/exchange-view.ts'
import type { Exchange } from '../../../http/exchange.ts'
import type { KnownUser } from '../../../http/known-user.ts'
import { withField } from '../../../http/response-fields.ts'
import type { ApplicationFacts, GateAnswer, Module, Routed } from '../module.ts'
import { authenticationPath, type AuthenticationSettings } from './schemes/authentication-settings.ts'
import { BasicScheme } from './basic/basic-scheme.ts'
import { ChallengeReply } from './challenge-reply.ts'
import { readCredentials, withoutCredentials } from './credentials.ts'
import { describeAuthentication } from './describe.ts'
import { examineAuthentication } from './examine.ts'
import { userGroups } from './groups/user-groups.ts'
import { NegotiateScheme } from './negotiate/negotiate-scheme.ts'
import { authenticationShape, readAuthentication } from './read-authentication.ts'
import type { Scheme, Verdict } from './schemes/scheme.ts'

const section: SectionReader<AuthenticationSettings> = {
  section: authenticationPath,
  shape: authenticationShape,
  read: readAuthentication,
  examine: examineAuthentication,
  describe: describeAuthentication,
}

/**
 * `<security><authentication>`: finds out who sends a request, before the application is started for it. Who sends no
 * credentials is anonymous, or gets a 401.2 where that is not enabled. Credentials of a scheme that is enabled are
 * always checked: bad ones get a 401.1. Good ones are taken off the request, and the later modules and the application
 * see the user (Exchange.user). Credentials of every other scheme are the application's own business.
 */
export const authentication: Module<AuthenticationSettings> = {
  section,
  create: (settings, application) => {
    const schemes = schemesOf(settings, application)
    return { route: (exchange) => authenticate(exchange, schemes, settings.anonymous) }
  },
}

/** In the order in which clients are asked: they take the first one that they know. */
function schemesOf({ basic, windows }: AuthenticationSettings, facts: ApplicationFacts): readonly Scheme[] {
  const { log, clock, id } = facts
  const schemes: Scheme[] = []
  if (windows !== undefined) schemes.push(new NegotiateScheme(windows, userGroups(windows, facts)))
  if (basic?.usersFile !== undefined) {
    schemes.push(new BasicScheme({ realm: basic.realm, usersFile: basic.usersFile, log, clock, app: id }))
  }
  return schemes
}

function authenticate(exchange: Exchange, schemes: readonly Scheme[], anonymous: boolean): Routed | Promise<Routed> {
  const sent = readCredentials(exchange.headers)
  const scheme = sent === undefined ? undefined : schemes.find((one) => one.takes(sent.scheme))
  if (sent === undefined || scheme === undefined) {
    const user = sent === undefined ? rememberedUser(exchange, schemes) : undefined
    if (user !== undefined) return { passes: knownAs(exchange, schemes, user) }
    if (!anonymous) return { ends: unknownUser(exchange, schemes) }
    return { passes: new ExchangeView(exchange, { reply: challenging(exchange, schemes) }) }
  }
  const verdict = scheme.check(exchange, sent.text, sent.scheme)
  // Who has had the last word of a scheme need not be asked by it again.
  const others = schemes.filter((one) => one !== scheme)
  const judge = (said: Verdict): Routed => {
    return judged(exchange, 'user' in said && said.reply !== undefined ? others : schemes, said)
  }
  return verdict instanceof Promise ? verdict.then(judge) : judge(verdict)
}

function rememberedUser(exchange: Exchange, schemes: readonly Scheme[]): KnownUser | undefined {
  for (const scheme of schemes) {
    const user = scheme.remembered?.(exchange)
    if (user !== undefined) return user
  }
  return undefined
}

/** @param schemes those that a 401 is to ask for */
function judged(exchange: Exchange, schemes: readonly Scheme[], verdict: Verdict): Routed {
  if ('user' in verdict) return { passes: knownAs(exchange, schemes, verdict.user, verdict.reply) }
  if ('failure' in verdict) return { ends: verdict }
  const failure = { kind: 'credentials-refused', why: verdict.refused } as const
  return { ends: { failure, setting: '<authentication>', headers: challengesOf(exchange, schemes) } }
}

/** The exchange as the later modules see it: with its user, and without the credentials. */
function knownAs(exchange: Exchange, schemes: readonly Scheme[], user: KnownUser, lastWord?: string): Exchange {
  const { reply } = exchange
  if (reply.record !== undefined) reply.record.userName = user.name
  if (lastWord !== undefined) reply.responseFields = withField(reply.responseFields, 'WWW-Authenticate', lastWord)
  const headers = withoutCredentials(exchange.headers)
  return new ExchangeView(exchange, { user, headers, reply: challenging(exchange, schemes) })
}

function challenging(exchange: Exchange, schemes: readonly Scheme[]): ChallengeReply {
  return new ChallengeReply(exchange.reply, challengesOf(exchange, schemes))
}

/** One line for each scheme, as some clients read only the first challenge of a line. A flat list name, value, … */
function challengesOf(exchange: Exchange, schemes: readonly Scheme[]): readonly string[] {
  return schemes.flatMap((scheme) => {
    const challenge = scheme.challenge(exchange)
    return challenge === undefined ? [] : ['WWW-Authenticate', challenge]
  })
}

/** It is the first half of every handshake, and so no line in the log. */
function unknownUser(exchange: Exchange, schemes: readonly Scheme[]): GateAnswer {
  const challenges = challengesOf(exchange, schemes)
  if (challenges.length === 0 && schemes.length > 0) {
    return { failure: { kind: 'ssl-required' }, setting: '<basicAuthentication>' }
  }
  const answer = answerFailure({ kind: 'credentials-required' }, { accept: exchange.headers.get('accept') })
  return { answer: { ...answer, headers: [...answer.headers, ...challenges] } }
}
