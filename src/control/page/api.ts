import type { HostStatus } from '../../host/host.ts'
import type { RecordedEvent } from '../admin/event-history.ts'
import type { HistoryDocument } from '../admin/history.ts'

/** What the page asks the daemon to do with an application. */
export type Operation = 'recycle' | 'stop' | 'start' | 'offline' | 'online'

/** The daemon does not know the token, or none was given. */
export class NotLoggedIn extends Error {}

const key = 'ancmd-token'

/** Keeps the token for as long as the tab is open; no other site and no later visitor finds it. */
export function keepToken(token: string): void {
  sessionStorage.setItem(key, token)
}

export async function readStatus(): Promise<HostStatus> {
  return (await get('/api/status')) as HostStatus
}

export async function readHistory(): Promise<HistoryDocument> {
  return (await get('/api/history')) as HistoryDocument
}

export async function readEvents(): Promise<readonly RecordedEvent[]> {
  return ((await get('/api/events')) as { events: readonly RecordedEvent[] }).events
}

/** Resolves when it has happened; rejects with the daemon's own sentence. */
export async function operate(id: string, operation: Operation): Promise<void> {
  const path = `/api/applications/${encodeURIComponent(id)}/${operation}?wait&reason=${encodeURIComponent('status page')}`
  const answer = await ask(path, { method: 'POST' })
  if (answer.ok) return
  const said = (await answer.json()) as { error?: { text?: string } }
  throw new Error(said.error?.text ?? `the daemon answered ${String(answer.status)}`)
}

/** Gives an application's output as it comes, the last lines first; resolves when the daemon ends it. */
export async function followOutput(id: string, signal: AbortSignal, take: (text: string) => void): Promise<void> {
  const answer = await ask(`/api/logs?app=${encodeURIComponent(id)}&follow&n=200`, { signal })
  if (!answer.ok || answer.body === null) throw new Error(`The daemon answered ${String(answer.status)}.`)
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    take(value)
  }
}

async function get(path: string): Promise<unknown> {
  const answer = await ask(path)
  if (!answer.ok) throw new Error(`the daemon answered ${String(answer.status)}`)
  return answer.json()
}

async function ask(path: string, options: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${sessionStorage.getItem(key) ?? ''}` }
  const answer = await fetch(path, { ...options, headers, cache: 'no-store', credentials: 'omit' })
  if (answer.status === 401) throw new NotLoggedIn()
  return answer
}
