import type { Delta } from '../../contracts/event.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import { MODEL_CLOCKS } from '../../policies/models.ts'
import { publishDeltas } from '../../store/record/deltas.ts'
import type { Dependencies } from '../dependencies.ts'
import { beat } from '../heartbeat.ts'

interface Call {
  readonly run: RunIdentity
  readonly step: number
  readonly hop: number
  readonly attempt: number
}

export interface DeltaPublisher {
  /** Has to be called on every event of the provider's stream. */
  readonly progress: (delta: string) => void
  /** Sends the rest of the text and waits until it is sent. */
  stop(): Promise<void>
}

/**
 * Publishes a model's text to readers, and heartbeats to Temporal with every event of the stream. Text is gathered and published a few
 * times a second, the rest when the call ends. A call that ends at once and without text publishes nothing.
 */
export function createDeltaPublisher(
  call: Call,
  { database, logger }: Pick<Dependencies, 'database' | 'logger'>,
): DeltaPublisher {
  const at = { runId: call.run.runId, step: call.step, hop: call.hop, attempt: call.attempt }
  let text = ''
  let announced = false
  let sending: Promise<void> | null = null

  /** One notification at a time: while the store does not answer, text is gathered here, and goes out as one delta. */
  function flush(): void {
    if (sending !== null) return
    const deltas: Delta[] = []
    if (!announced) deltas.push({ ...at, type: 'model.started', text: '' })
    if (text !== '') deltas.push({ ...at, type: 'model.delta', text })
    if (deltas.length === 0) return
    announced = true
    text = ''
    // A lost delta is only logged: the whole text is stored with the answer.
    sending = publishDeltas(database, deltas)
      .catch((err: unknown) => logger.debug({ err, ...at }, 'delta lost'))
      .finally(() => {
        sending = null
      })
  }

  const flushing = setInterval(flush, MODEL_CLOCKS.deltaEveryMs)
  return {
    progress(delta) {
      beat()
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
