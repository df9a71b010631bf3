import type { SentDelta } from '../../contracts/events/event.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import { STREAMING } from '../../policies/models/streaming.ts'
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
 * Publishes a model's text while the run has readers, and heartbeats to Temporal with every event of the stream. An attempt announces
 * itself before its text, so that readers drop the text of one that failed. The first piece leaves at once, further ones are gathered. A
 * reader who comes later gets the text so far. Without readers nothing is sent to the store.
 */
export function createDeltaPublisher(
  call: Call,
  { database, logger, readers }: Pick<Dependencies, 'database' | 'logger' | 'readers'>,
): DeltaPublisher {
  const { runId } = call.run
  const about = { runId, step: call.step, hop: call.hop, attempt: call.attempt }
  let text = ''
  let announced = false
  /** How much of the text has been sent. */
  let sent = 0
  let sentAtMs = Number.NEGATIVE_INFINITY
  let sending: Promise<void> | null = null
  let gathering: NodeJS.Timeout | null = null
  let stopped = false

  /** What readers have not been told. */
  function untold(): SentDelta[] {
    const deltas: SentDelta[] = []
    if (!announced) deltas.push({ ...about, type: 'model.started', at: 0, text: '' })
    if (sent < text.length) deltas.push({ ...about, type: 'model.delta', at: sent, text: text.slice(sent) })
    announced = true
    sent = text.length
    return deltas
  }

  /** A lost delta is only logged: the whole text is stored with the answer. */
  function send(deltas: readonly SentDelta[]): Promise<void> {
    return publishDeltas(database, deltas).catch((err: unknown) =>
      logger.debug({ err, ...about }, 'delta lost'),
    )
  }

  function flush(): void {
    gathering = null
    // One notification at a time: while the store does not answer, text is gathered here, and goes out as one delta.
    if (sending !== null || !readers.areThere(runId)) return
    const deltas = untold()
    if (deltas.length === 0) return
    sentAtMs = performance.now()
    sending = send(deltas).finally(() => {
      sending = null
      if (sent < text.length) schedule()
    })
  }

  function schedule(): void {
    if (stopped || gathering !== null || sending !== null) return
    const waitMs = sentAtMs + STREAMING.gatherMs - performance.now()
    if (waitMs <= 0) flush()
    else gathering = setTimeout(flush, waitMs)
  }

  const stopWatching = readers.watch(runId, () => {
    sent = 0
    schedule()
  })
  flush()

  return {
    progress(delta) {
      beat()
      text += delta
      if (delta !== '' && readers.areThere(runId)) schedule()
    },
    async stop() {
      stopped = true
      stopWatching()
      if (gathering !== null) clearTimeout(gathering)
      await sending
      const isHeard = readers.areThere(runId) && (announced || text !== '')
      if (isHeard) await send([...untold(), { ...about, type: 'model.ended', at: text.length, text: '' }])
    },
  }
}
