import type { Logger } from 'pino'
import type { Database } from '../../store/database/database.ts'
import { findPauses, PAUSE_CHANNEL, parsePause, recordPause } from '../../store/traffic/pauses.ts'
import { createPauses, type Pause, type Pauses } from './pauses.ts'

/** Pauses that the workers of a store keep together. */
export interface SharedPauses extends Pauses {
  /** Takes over the pauses of other workers from now on. */
  follow(): Promise<void>
  stop(): Promise<void>
}

/**
 * Sends the pauses that providers ask this worker for to the others, through the store. While the store is away each worker keeps its own:
 * no call waits for this, and none fails over it.
 */
export function sharePauses(database: Database, logger: Pick<Logger, 'debug'>): SharedPauses {
  const toSend = new Map<string, Pause & { readonly until: number }>()
  let sending: Promise<void> = Promise.resolve()
  let unlisten = async (): Promise<void> => undefined
  const pauses = createPauses({ onPause: send })

  /** A burst of refusals is one pause: only the latest of each model is sent, and one at a time. */
  function send(pause: Pause): void {
    const key = `${pause.provider}/${pause.model}`
    const isIdle = toSend.size === 0
    toSend.set(key, { ...pause, until: performance.now() + pause.forMs })
    if (isIdle) sending = sending.then(sendAll)
  }

  async function sendAll(): Promise<void> {
    for (const [key, { provider, model, until }] of toSend) {
      toSend.delete(key)
      const forMs = until - performance.now()
      if (forMs <= 0) continue
      await recordPause(database, { provider, model, forMs }).catch((err: unknown) =>
        logger.debug({ err, provider, model }, 'pause not shared'),
      )
    }
  }

  async function adoptAll(): Promise<void> {
    for (const pause of await findPauses(database)) pauses.adopt(pause)
  }

  const tryToAdoptAll = () =>
    adoptAll().catch((err: unknown) => logger.debug({ err }, 'pauses of other workers not read'))

  return {
    ...pauses,
    async follow() {
      unlisten = await database.listen(
        PAUSE_CHANNEL,
        (payload) => {
          const pause = parsePause(payload)
          if (pause !== null) pauses.adopt(pause)
        },
        () => void tryToAdoptAll(),
      )
      await tryToAdoptAll()
    },
    async stop() {
      await unlisten()
      await sending
    },
  }
}
