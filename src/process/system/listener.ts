import { connect } from 'node:net'
import type { ListenRow } from './listen-table.ts'
import { ListenWatch } from './listen-watch.ts'
import { nextTurn } from '../../platform/pause.ts'
import { describeProcess, readProcesses, socketsOf, userOf } from './process-table.ts'
import type { ProcessTree } from './process-tree.ts'

/** Whether a socket in LISTEN state receives connections to 127.0.0.1. */
export type Reach = 'yes' | 'perhaps' | 'no'

/**
 * 'perhaps': an IPv6 wildcard socket takes IPv4 connections too unless the app switched that off, which only a
 * connection attempt shows.
 */
export function reachOf(row: ListenRow): Reach {
  if (row.address === '127.0.0.1' || row.address === '0.0.0.0') return 'yes'
  return row.address === '[::]' ? 'perhaps' : 'no'
}

/**
 * The member of the tree that owns a listening socket; undefined when another process does. A member whose descriptors
 * the daemon may not read (set-uid, or with capabilities of its own) counts as the owner if the socket belongs to its
 * user.
 */
export async function ownerOf(row: ListenRow, tree: ProcessTree): Promise<number | undefined> {
  const { pid } = tree.child
  if (socketsOf(pid)?.has(row.inode) === true) return pid
  let hidden: number | undefined
  for (const member of await tree.members()) {
    const sockets = socketsOf(member.pid)
    if (sockets?.has(row.inode) === true) return member.pid
    if (sockets === undefined && userOf(member.pid) === row.uid) hidden ??= member.pid
  }
  return hidden
}

/** The member of the tree that receives connections to 127.0.0.1:port now; undefined when none does, and off Linux. */
export async function findListener(port: number, tree: ProcessTree): Promise<number | undefined> {
  const watch = new ListenWatch(port, () => 0)
  const rows = watch.look().filter((row) => reachOf(row) !== 'no')
  watch.close()
  for (const row of rows) {
    const owner = await ownerOf(row, tree)
    if (owner !== undefined) return owner
  }
  return undefined
}

/** The addresses on which the tree listens, such as `127.0.0.1:5000`. */
export async function addressesOf(tree: ProcessTree, rows: readonly ListenRow[]): Promise<readonly string[]> {
  const inodes = new Set((await tree.members()).flatMap((member) => [...(socketsOf(member.pid) ?? [])]))
  const own = rows.filter((row) => inodes.has(row.inode))
  return own.map((row) => `${row.address}:${String(row.port)}`).sort()
}

/** The process that owns a socket, such as `nginx (pid 812)`; undefined when the daemon cannot see it. */
export async function describeOwner(row: ListenRow): Promise<string | undefined> {
  for (const { pid } of await readProcesses()) {
    if (socketsOf(pid)?.has(row.inode) === true) return describeProcess(pid)
    // A process may have thousands of descriptors: after each process, requests of other applications get their turn.
    await nextTurn()
  }
  return undefined
}

/** Whether 127.0.0.1:port takes a connection, which is closed at once; nothing is sent. */
export function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1000 })
    const end = (answer: boolean) => (): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', end(true))
    socket.once('timeout', end(false))
    socket.once('error', end(false))
  })
}
