import { heartbeat } from '@temporalio/activity'
import type { Delta } from '../../contracts/event.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import { MODEL_CLOCKS } from '../../policies/models.ts'
import { publishDeltas } from '../../store/record/deltas.ts'
import type { Dependencies } from '../dependencies.ts'

interface Call {
  readonly run: RunIdentity
  readonly step: number
  readonly hop: number
  readonly attempt: number
}

export interface DeltaPublisher {
  /** To be called on every event of the provider's stream. */
  readonly progress: (delta: string) => void
  /** Sends what has not been sent and waits for it; nothing is sent after it. */
  stop(): Promise<void>
}

/**
 * Tells readers what a model says, and Temporal with every event that it does. Text is gathered and sent a few times a second,
 * the last of it when the call ends. A call that ends at once and has said nothing sends none.
 */
export function createDeltaPublisher(
  call: Call,
  { database, logger }: Pick<Dependencies, 'database' | 'logger'>,
): DeltaPublisher {
  const at = { runId: call.run.runId, step: call.step, hop: call.hop, attempt: call.attempt }
  let text = ''
  let announced = false
  let sending: Promise<void> | null = null

  /** One sending at a time: while the store is silent, text waits here and keeps nobody waiting for each of its pieces. */
  function flush(): void {
    if (sending !== null) return
    const deltas: Delta[] = []
    if (!announced) deltas.push({ ...at, type: 'model.started', text: '' })
    if (text !== '') deltas.push({ ...at, type: 'model.delta', text })
    if (deltas.length === 0) return
    announced = true
    text = ''
    // Deltas are a courtesy: what counts is stored with the answer. A lost one is logged and forgotten.
    sending = publishDeltas(database, deltas)
      .catch((err: unknown) => logger.debug({ err, ...at }, 'delta lost'))
      .finally(() => {
        sending = null
      })
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
      if (text === '') return
      flush()
      await sending
    },
  }
}
