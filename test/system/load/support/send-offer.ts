import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from '../../../../src/config/config.ts'
import type { Offer, Sent } from './offer.ts'

const GENERATOR = fileURLToPath(new URL('./generator.ts', import.meta.url))

/** Sends requests by a process of their own, and resolves when the last of them is answered or given up. */
export async function sendOffer(offer: Offer): Promise<Sent> {
  const child = fork(GENERATOR, { execArgv: [], env: childEnvironment() })
  const answered = once(child, 'message')
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The load generator ended with ${code}.`)
  })
  child.send(offer)
  const [sent] = await Promise.race([answered, ended])
  ended.catch(() => undefined)
  return sent as Sent
}
