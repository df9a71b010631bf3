import type { Logger } from 'pino'
import type { Database } from '../../store/database/database.ts'
import {
  findPauses,
  PAUSE_CHANNEL,
  type PauseNotice,
  parsePause,
  recordPause,
} from '../../store/traffic/pauses.ts'
import { createPauses, type Pause, type Pauses } from './pauses.ts'

interface UntilThen extends Pause {
  /** By this process's clock, in ms. */
  readonly until: number
}

/** Pauses that the workers of a store keep together. */
export interface SharedPauses extends Pauses {
  /** Takes over the pauses of other workers from now on, and ends those that an operator lifts. */
  follow(): Promise<void>
  stop(): Promise<void>
}

/**
 * Sends the pauses that providers ask this worker for to the others, through the store. While the store is away each worker keeps its own:
 * no call waits for this, and none fails over it.
 */
export function sharePauses(database: Database, logger: Pick<Logger, 'debug'>): SharedPauses {
  const toSend = new Map<string, UntilThen>()
  /** What the store is known to have had: one of these that it has no more was lifted. */
  const stored = new Map<string, UntilThen>()
  let sending: Promise<void> = Promise.resolve()
  let unlisten = async (): Promise<void> => undefined
  const pauses = createPauses({ onPause: send })

  /** A burst of refusals is one pause: only the latest of each model is sent, and one at a time. */
  function send(pause: Pause): void {
    const isIdle = toSend.size === 0
    toSend.set(keyOf(pause), untilThen(pause))
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

  function adopt(pause: Pause): void {
    stored.set(keyOf(pause), untilThen(pause))
    pauses.adopt(pause)
  }

  function lift(key: Pick<Pause, 'provider' | 'model'>): void {
    stored.delete(keyOf(key))
    toSend.delete(keyOf(key))
    pauses.lift(key)
  }

  function hear({ provider, model, forMs }: PauseNotice): void {
    if (forMs === null) lift({ provider, model })
    else adopt({ provider, model, forMs })
  }

  /** Notifications may have been missed, those of lifted pauses among them. */
  async function adoptAll(): Promise<void> {
    const before = [...stored]
    const found = await findPauses(database)
    const isFound = new Set(found.map(keyOf))
    for (const [key, pause] of before) {
      if (isFound.has(key) || stored.get(key) !== pause) continue
      if (pause.until > performance.now()) lift(pause)
      else stored.delete(key)
    }
    for (const pause of found) adopt(pause)
  }

  const tryToAdoptAll = () =>
    adoptAll().catch((err: unknown) => logger.debug({ err }, 'pauses of other workers not read'))

  return {
    ...pauses,
    async follow() {
      unlisten = await database.listen(
        PAUSE_CHANNEL,
        (payload) => {
          const notice = parsePause(payload)
          if (notice !== null) hear(notice)
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

function keyOf({ provider, model }: Pick<Pause, 'provider' | 'model'>): string {
  return `${provider}/${model}`
}

function untilThen(pause: Pause): UntilThen {
  return { ...pause, until: performance.now() + pause.forMs }
}
