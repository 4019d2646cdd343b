import { ReplyView } from '../../../http/exchange-view.ts'
import type { ByteSink, ResponseHead } from '../../../http/exchange.ts'

/** The reply of an exchange under `removeServerHeader`: no head that is begun has a Server field. */
export class ReplyWithoutServer extends ReplyView {
  override begin(head: ResponseHead): ByteSink {
    return super.begin({ ...head, headers: withoutServer(head.headers) })
  }
}

function withoutServer(flat: readonly string[]): readonly string[] {
  const kept: string[] = []
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i] as string
    if (name.length !== 6 || name.toLowerCase() !== 'server') kept.push(name, flat[i + 1] as string)
  }
  return kept
}
