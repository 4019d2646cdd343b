import { createServer } from 'node:net'
import type { BindingConfig } from '../../config/model.ts'
import { type Endpoint, listen } from '../../listen/listen.ts'
import type { Check, Finding } from '../../process/diagnosis/finding.ts'
import { asRoot, kernelNumber, type Machine } from '../../process/diagnosis/machine.ts'
import type { User } from '../../process/diagnosis/user.ts'
import { ListenTable } from '../../process/system/listen-table.ts'
import { describeOwner } from '../../process/system/listener.ts'

/** Whether the daemon could listen on every binding: each address and port is opened and closed again. */
export async function checkPorts(bindings: readonly BindingConfig[], user: User, machine: Machine): Promise<Check> {
  const endpoints = new Map(bindings.map(({ address, port }) => [placeOf({ address, port }), { address, port }]))
  const findings: Finding[] = []
  for (const endpoint of endpoints.values()) {
    const finding = await checkEndpoint(endpoint, user, machine)
    if (finding !== undefined) findings.push(finding)
  }
  return { subject: 'ports', seen: `free: ${[...endpoints.keys()].join(', ')}`, findings }
}

async function checkEndpoint(endpoint: Endpoint, user: User, machine: Machine): Promise<Finding | undefined> {
  const firstFree = kernelNumber('net/ipv4/ip_unprivileged_port_start') ?? 1024
  // A listener that was opened by root tells nothing about another user.
  if (!user.isOurs && user.uid !== 0 && endpoint.port !== 0 && endpoint.port < firstFree) {
    return privileged(endpoint, user.name, machine)
  }
  const server = createServer()
  const failure = await listen(server, endpoint)
  await new Promise((resolve) => server.close(resolve))
  if (failure === undefined) return undefined
  const place = placeOf(endpoint)
  switch (failure.code) {
    case 'port-taken': {
      const owner = (await ownerOf(endpoint.port)) ?? 'another process, which this user cannot see'
      const text = `${place} is taken by ${owner}.`
      return error(text, 'If that is an ancmd already, `ancmd status` shows it; else stop it, or choose another port.')
    }
    case 'no-permission':
      return privileged(endpoint, user.name, machine)
    case 'bad-address':
      return error(`${place} is no address of this machine.`, 'Correct it, or leave the address out to listen on all.')
    case 'failed':
    case 'bad-certificate':
      return error(`${place} cannot be opened: ${failure.cause.message}.`, 'Choose another port.')
  }
}

function privileged(endpoint: Endpoint, user: string, machine: Machine): Finding {
  const text = `${user} may not listen on port ${String(endpoint.port)}, which is reserved to root.`
  const cure =
    'Let systemd open it (`ancmd service install` makes the socket units), take a port from 1024 on, or allow it to everybody:'
  const command = asRoot(machine, `sysctl -w net.ipv4.ip_unprivileged_port_start=${String(endpoint.port)}`)
  return { ...error(text, cure), ...(machine.platform === 'linux' && { command }) }
}

async function ownerOf(port: number): Promise<string | undefined> {
  for (const family of ['tcp', 'tcp6'] as const) {
    const table = ListenTable.open(family)
    const rows = table?.rows() ?? []
    table?.close()
    for (const row of rows.filter((row) => row.port === port)) {
      const owner = await describeOwner(row)
      if (owner !== undefined) return owner
    }
  }
  return undefined
}

function placeOf({ address, port }: Endpoint): string {
  const host = address === undefined ? '*' : address.includes(':') ? `[${address}]` : address
  return `${host}:${String(port)}`
}

function error(text: string, cure: string): Finding {
  return { level: 'error', text, cure }
}
