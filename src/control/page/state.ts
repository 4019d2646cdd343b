import type { HostStatus } from '../../host/host.ts'

type Application = HostStatus['sites'][number]['applications'][number]

export interface ShownState {
  readonly text: string
  readonly tone: 'good' | 'warn' | 'bad' | ''
}

/** The state of an application in a word, with the colour that goes with it. */
export function stateOf({ presence, processes, lastFailure, starts }: Application): ShownState {
  if (presence === 'offline') return { text: 'offline', tone: 'warn' }
  if (presence === 'stopped') return { text: 'stopped', tone: 'warn' }
  if (presence === 'faulted') return { text: 'configuration error', tone: 'bad' }
  if (processes.some(({ state }) => state === 'running')) return { text: 'running', tone: 'good' }
  if (processes.some(({ state }) => state === 'starting')) return { text: 'starting', tone: 'warn' }
  if (lastFailure?.kind === 'start') return { text: 'start failed', tone: 'bad' }
  if (lastFailure !== null) return { text: 'crashed', tone: 'bad' }
  return { text: starts === 0 ? 'not started yet' : 'idle', tone: '' }
}
