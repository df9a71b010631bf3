import { setTimeout as delay } from 'node:timers/promises'
import { joined, type Part } from './answer-parts.ts'
import type { Delivery } from './delivery.ts'
import type { Exchange } from './exchange.ts'
import { randomFrom } from './seeded.ts'

interface Pace {
  /** Wait before each piece. */
  readonly chunkDelayMs?: number
  readonly delivery?: Delivery
}

/** The most bytes of a part that is divided at random. */
const MOST_DIVIDED_BYTES = 64

/** Writes parts of a body. Rejects when the client disconnects during a wait. */
export async function writeParts(
  exchange: Exchange,
  parts: readonly Part[],
  { chunkDelayMs = 0, delivery = {} }: Pace,
): Promise<void> {
  const { signal } = exchange
  const drip = delivery.drip?.part === 'body' ? delivery.drip : undefined
  const divide = divider(delivery.dividedBySeed, drip?.bytes ?? (drip && 1))
  // Without a wait between them, a cut may fall anywhere, and events may come together.
  for (const part of chunkDelayMs > 0 ? parts : [{ bytes: joined(parts), piece: false }]) {
    if (part.piece) await delay(chunkDelayMs, undefined, { signal })
    for (const bytes of divide(part.bytes)) {
      await exchange.write(bytes)
      if (drip !== undefined) await delay(drip.everyMs, undefined, { signal })
    }
  }
}

function divider(
  seed: number | undefined,
  size: number | undefined,
): (bytes: Buffer) => Generator<Uint8Array> {
  const random = seed === undefined ? undefined : randomFrom(seed)
  return function* (bytes) {
    for (let at = 0; at < bytes.length; ) {
      const next =
        size ?? (random === undefined ? bytes.length : 1 + Math.floor(random() * MOST_DIVIDED_BYTES))
      yield bytes.subarray(at, at + next)
      at += next
    }
  }
}
