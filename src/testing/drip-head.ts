import { STATUS_CODES } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Drip } from './delivery.ts'
import type { Exchange } from './exchange.ts'

/** Sends the head of an answer a few bytes at a time. Its body ends with the connection. Rejects when the client disconnects. */
export async function dripHead(
  exchange: Exchange,
  headers: Readonly<Record<string, string>>,
  { everyMs, bytes = 1 }: Drip,
): Promise<void> {
  const lines = Object.entries({ ...headers, connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  const head = Buffer.from([`HTTP/1.1 200 ${STATUS_CODES[200]}`, ...lines, '', ''].join('\r\n'))
  exchange.takeSocket()
  for (let at = 0; at < head.length; at += bytes) {
    await exchange.write(head.subarray(at, at + bytes))
    await delay(everyMs, undefined, { signal: exchange.signal })
  }
}
