import { heartbeat } from '@temporalio/activity'
import type { Delta } from '../contracts/event.ts'
import type { RunIdentity } from '../contracts/run.ts'
import { MODEL_CLOCKS } from '../policies/models.ts'
import { publishDelta } from '../store/events.ts'
import type { Dependencies } from './dependencies.ts'

interface Call {
  readonly run: RunIdentity
  readonly step: number
  readonly hop: number
  readonly attempt: number
}

export interface LifeSigns {
  /** To be called on every event of the provider's stream. */
  readonly progress: (delta: string) => void
  /** Waits for what is being sent; nothing is sent after it. */
  stop(): Promise<void>
}

/**
 * Tells readers what a model says, and Temporal with every event that it does. Text is gathered and sent a few times a second; a
 * call that ends before the first of these sends none.
 */
export function createLifeSigns(
  call: Call,
  { database, logger }: Pick<Dependencies, 'database' | 'logger'>,
): LifeSigns {
  const at = { runId: call.run.runId, step: call.step, hop: call.hop, attempt: call.attempt }
  let text = ''
  let announced = false
  let sending: Promise<void> = Promise.resolve()

  function send(delta: Delta): void {
    // Deltas are a courtesy: what counts is stored with the answer. A lost one is logged and forgotten.
    sending = sending
      .then(() => publishDelta(database, delta))
      .catch((err: unknown) => logger.debug({ err, ...at }, 'delta lost'))
  }

  function flush(): void {
    if (!announced) send({ ...at, type: 'model.started', text: '' })
    announced = true
    if (text !== '') send({ ...at, type: 'model.delta', text })
    text = ''
  }

  const flushing = setInterval(flush, MODEL_CLOCKS.deltaEveryMs)
  return {
    progress(delta) {
      heartbeat()
      text += delta
    },
    async stop() {
      clearInterval(flushing)
      await sending
    },
  }
}
