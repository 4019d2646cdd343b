import type { StartStep } from './start-report.ts'

/** Why a process is asked to end. */
export type StopReason = 'recycle' | 'configuration-changed' | 'offline' | 'removed' | 'idle' | 'host-stopping'

/** Where a running child listens, and the token that the daemon's requests to it carry. */
export interface Target {
  readonly pid: number
  readonly port: number
  /** The pairing token: the value of MS-ASPNETCORE-TOKEN. Never logged or shown. */
  readonly token: string
}

/** The states that a process passes through, in this order; a restart is a new process. */
export type ProcessState =
  | { readonly name: 'starting'; readonly step: StartStep }
  | { readonly name: 'running'; readonly target: Target }
  | { readonly name: 'draining'; readonly target: Target; readonly reason: StopReason }
  | {
      readonly name: 'exited'
      readonly code: number | null
      readonly signal: string | null
      readonly expected: boolean
    }

export type ProcessMove =
  | { readonly on: 'step'; readonly step: StartStep }
  | { readonly on: 'listening'; readonly target: Target }
  | { readonly on: 'stop'; readonly reason: StopReason }
  | { readonly on: 'exit'; readonly code: number | null; readonly signal: string | null; readonly expected: boolean }

/** The state after a move; a move that the state does not allow changes nothing. Pure. */
export function nextState(state: ProcessState, move: ProcessMove): ProcessState {
  switch (move.on) {
    case 'step':
      return state.name === 'starting' ? { name: 'starting', step: move.step } : state
    case 'listening':
      return state.name === 'starting' ? { name: 'running', target: move.target } : state
    case 'stop':
      return state.name === 'running' ? { name: 'draining', target: state.target, reason: move.reason } : state
    case 'exit': {
      if (state.name === 'exited') return state
      return { name: 'exited', code: move.code, signal: move.signal, expected: move.expected }
    }
  }
}
