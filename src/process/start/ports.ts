import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import getPort from 'get-port'
import { fixedPort, portVariable } from '../../config/fixed-port.ts'
import type { EnvironmentVariable, ProcessConfig } from '../../config/model.ts'
import type { Result } from '../../platform/result.ts'
import { failed, ok } from '../../platform/result.ts'
import { descriptorShortage } from '../system/descriptors.ts'

/** ANCM's range for random ports; a port that web.config fixes may be as low as 1025. */
const range = { from: 10_000, to: 48_000, explicitFrom: 1025 }
const candidateCount = 10

export type PortFailure =
  | { readonly why: 'bad-port'; readonly value: string }
  | { readonly why: 'no-free-port'; readonly tried: number; readonly code?: string }

/** Whether web.config fixes the port, so that only one process can have it at a time. */
export function hasFixedPort({ kind, environmentVariables }: ProcessConfig): boolean {
  return fixedPort(environmentVariables, portVariable(kind)) !== undefined
}

/** ANCM SetupListenPort: the port that web.config fixes, else a random free one. */
export async function choosePort(
  variables: readonly EnvironmentVariable[],
  name: ReturnType<typeof portVariable>,
): Promise<Result<number, PortFailure>> {
  const fixed = readFixedPort(variables, name)
  return fixed.ok && fixed.value === undefined ? freePort() : (fixed as Result<number, PortFailure>)
}

/** The port that web.config fixes; undefined when it leaves the choice to the daemon. */
export function readFixedPort(
  variables: readonly EnvironmentVariable[],
  name: ReturnType<typeof portVariable>,
): Result<number | undefined, PortFailure> {
  const value = fixedPort(variables, name)
  if (value === undefined) return ok(undefined)
  const port = /^\d{1,5}$/.test(value) ? Number(value) : 0
  return port >= range.explicitFrom && port <= range.to ? ok(port) : failed({ why: 'bad-port', value })
}

/**
 * A port that nothing listens on, from random candidates. get-port binds each candidate on every address, and does not
 * return a port twice within 15 seconds, so two starts by the same daemon never get the same port at the same time.
 * Another program may still take it first: then the attempt fails, and the next one takes another port.
 */
async function freePort(): Promise<Result<number, PortFailure>> {
  const candidates = randomPorts(kernelPorts())
  const shortage = descriptorShortage()
  if (shortage !== undefined) return failed({ why: 'no-free-port', tried: 0, code: shortage })
  try {
    const port = await getPort({ port: candidates })
    // If no candidate is free, get-port returns any free port, which may lie outside of the range.
    if (candidates.includes(port)) return ok(port)
  } catch (error) {
    // No port can be bound at all.
    const { code = 'UNKNOWN' } = error as NodeJS.ErrnoException
    return failed({ why: 'no-free-port', tried: candidates.length, code })
  }
  return failed({ why: 'no-free-port', tried: candidates.length })
}

interface KernelPorts {
  /** The first and the last of the ports that the kernel gives to outgoing connections. */
  readonly ephemeral: readonly [number, number]
  readonly reserved: readonly (readonly [number, number])[]
}

function randomPorts({ ephemeral, reserved }: KernelPorts): readonly number[] {
  const within = ([from, to]: readonly [number, number], port: number): boolean => port >= from && port <= to
  const isAllEphemeral = within(ephemeral, range.from) && within(ephemeral, range.to)
  const found = new Set<number>()
  for (let pick = 0; pick < 1000 && found.size < candidateCount; pick++) {
    const port = randomInt(range.from, range.to + 1)
    if (!isAllEphemeral && within(ephemeral, port)) continue
    if (!reserved.some((block) => within(block, port))) found.add(port)
  }
  return [...found]
}

function kernelPorts(): KernelPorts {
  const [from = 0, to = 0] = readKernel('ip_local_port_range').split(/\s+/).map(Number)
  const reserved = readKernel('ip_local_reserved_ports')
    .split(',')
    .filter((block) => block !== '')
    .map((block) => {
      const [first = 0, last = first] = block.split('-').map(Number)
      return [first, last] as const
    })
  return { ephemeral: [from, to], reserved }
}

/** A setting of the kernel; '' off Linux, where every port of the range may be used. */
function readKernel(name: string): string {
  try {
    return readFileSync(`/proc/sys/net/ipv4/${name}`, 'utf8').trim()
  } catch {
    return ''
  }
}
