import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Upgrade } from '../../http/exchange.ts'
import { SocketTunnel } from '../../http/socket-tunnel.ts'
import type { ClientConnection } from './client-connection.ts'
import type { RequestSlot } from './request-slot.ts'
import { localAuthority } from '../connection-facts.ts'
import type { NodeReply } from './reply.ts'
import { ExchangeSlot, headOf, type SlotContext } from './exchange-slot.ts'
import { renderHead } from '../raw-answer.ts'
import { checkRequest } from '../request-check.ts'

/**
 * A request with `Connection: Upgrade`. Node has already detached its parser from the socket; `early` has the bytes
 * that came after the head. Only a WebSocket handshake can become a tunnel; any other request is given to a new parser
 * as an ordinary request. Life: from the end of its head to the last byte of its response, or to the end of its
 * connection, which owns it.
 */
export class UpgradeSlot implements RequestSlot {
  readonly #req: IncomingMessage
  readonly #early: Buffer
  readonly #connection: ClientConnection
  readonly #context: SlotContext
  readonly #readAgain: () => void
  #handshake: ExchangeSlot | undefined

  /** `readAgain` attaches a new parser to the socket. */
  constructor(
    req: IncomingMessage,
    early: Buffer,
    connection: ClientConnection,
    context: SlotContext,
    readAgain: () => void,
  ) {
    this.#req = req
    this.#early = early
    this.#connection = connection
    this.#context = context
    this.#readAgain = readAgain
  }

  begin(): void {
    const { socket, facts } = this.#connection
    const checked = checkRequest(headOf(this.#req), localAuthority(facts), this.#context.limits)
    if (checked.ok && checked.value.websocket === undefined) {
      this.#connection.withdrawRequest()
      socket.unshift(Buffer.concat([Buffer.from(renderOrdinaryHead(this.#req), 'latin1'), this.#early]))
      this.#readAgain()
      return
    }
    const res = new ServerResponse(this.#req)
    // No parser reads this socket any more, so an answer other than 101 must end the connection.
    res.shouldKeepAlive = false
    res.assignSocket(socket)
    this.#handshake = new ExchangeSlot(this.#req, res, this.#connection, this.#context, (request, reply) =>
      this.#offer(request.websocket, res, reply),
    )
    this.#handshake.begin()
  }

  get answered(): boolean {
    return this.#handshake?.answered === true
  }

  breakBody(): boolean {
    return false
  }

  drained(): void {
    this.#handshake?.drained()
  }

  connectionEnded(): void {
    this.#handshake?.connectionEnded()
  }

  sweep(now: number): void {
    this.#handshake?.sweep(now)
  }

  #offer(protocol: string | undefined, res: ServerResponse, reply: NodeReply): Upgrade | undefined {
    if (protocol === undefined) return undefined
    const { socket } = this.#connection
    return {
      protocol,
      accept: (head) => {
        if (reply.started) throw new Error('an upgrade is accepted once, and not after an answer')
        res.detachSocket(socket)
        reply.becameTunnel()
        this.#connection.becomeTunnel()
        const fields = ['Connection', 'Upgrade', 'Upgrade', protocol, ...head.headers]
        socket.write(renderHead(101, head.reason, fields), 'latin1')
        return new SocketTunnel(socket, this.#early)
      },
    }
  }
}

/** Renders the request head as it came, without the option `Upgrade` of its Connection field. */
export function renderOrdinaryHead(
  req: Pick<IncomingMessage, 'method' | 'url' | 'httpVersion' | 'rawHeaders'>,
): string {
  let head = `${req.method ?? ''} ${req.url ?? ''} HTTP/${req.httpVersion}\r\n`
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    const name = req.rawHeaders[i] as string
    let value = req.rawHeaders[i + 1] as string
    if (name.toLowerCase() === 'connection') {
      value = value
        .split(',')
        .filter((option) => option.trim().toLowerCase() !== 'upgrade')
        .join(',')
      if (value.trim() === '') continue
    }
    head += `${name}: ${value}\r\n`
  }
  return `${head}\r\n`
}
