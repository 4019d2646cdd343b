import { type HubConnection, HubConnectionBuilder, type HttpTransportType, LogLevel } from '@microsoft/signalr'
import { atTheEnd } from './ending.ts'

/** The three ways in which a client of SignalR reaches its hub. */
export { HttpTransportType } from '@microsoft/signalr'

/** Microsoft's client of a hub, connected; it stops with the test. `retryMs`: it connects again, after so long each time. */
export async function openHub(url: string, transport: HttpTransportType, retryMs?: number): Promise<HubConnection> {
  const builder = new HubConnectionBuilder().withUrl(url, { transport }).configureLogging(LogLevel.None)
  if (retryMs !== undefined) builder.withAutomaticReconnect({ nextRetryDelayInMilliseconds: () => retryMs })
  const hub = builder.build()
  atTheEnd(() => hub.stop())
  await hub.start()
  return hub
}

/** What the hub's stream `Count` gives when it is asked to count so far. */
export function counted(hub: HubConnection, to: number): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    const numbers: number[] = []
    hub.stream<number>('Count', to).subscribe({
      next: (number) => numbers.push(number),
      complete: () => {
        resolve(numbers)
      },
      error: reject,
    })
  })
}
