import type { Delta, SentDelta } from '../../contracts/events/event.ts'
import type { RunId } from '../../contracts/runs/run.ts'

type Call = Pick<Delta, 'runId' | 'step' | 'hop' | 'attempt'>

interface Answer {
  readonly call: Call
  text: string
}

/** The text so far of answers that are being written, for readers who come in their middle. */
export interface AnswersUnderWay {
  /**
   * Takes a delta. Returns what it tells readers who have been told all before it, nothing of it twice; null where text before it is
   * missing, which the worker has to send again.
   */
  take(delta: SentDelta): readonly Delta[] | null
  /** What a new reader of the run has to be told. */
  soFar(runId: RunId): readonly Delta[]
  forget(runId: RunId): void
}

export function createAnswersUnderWay(): AnswersUnderWay {
  const answers = new Map<RunId, Answer>()

  function begin({ runId, step, hop, attempt }: SentDelta): Answer {
    const answer = { call: { runId, step, hop, attempt }, text: '' }
    answers.set(runId, answer)
    return answer
  }

  return {
    take(delta) {
      const { runId, type, at, text } = delta
      const known = answers.get(runId)
      // A worker that has lost its call to another one may still be heard.
      if (known !== undefined && isOlder(delta, known.call)) return []
      const isKnown = known !== undefined && isSame(delta, known.call)
      if (type === 'model.ended') {
        if (isKnown) answers.delete(runId)
        return []
      }
      if (type === 'model.started') return [started(begin(delta).call)]
      if (at > (isKnown ? known.text.length : 0)) return null
      const answer = isKnown ? known : begin(delta)
      const more = text.slice(answer.text.length - at)
      answer.text += more
      return [
        ...(isKnown ? [] : [started(answer.call)]),
        ...(more === '' ? [] : [{ ...answer.call, type: 'model.delta', text: more } as const]),
      ]
    },
    soFar(runId) {
      const answer = answers.get(runId)
      if (answer === undefined) return []
      const { call, text } = answer
      return [started(call), ...(text === '' ? [] : [{ ...call, type: 'model.delta', text } as const])]
    },
    forget: (runId) => void answers.delete(runId),
  }
}

function started(call: Call): Delta {
  return { ...call, type: 'model.started', text: '' }
}

function isSame(one: Call, other: Call): boolean {
  return one.step === other.step && one.hop === other.hop && one.attempt === other.attempt
}

/** Hops and attempts are counted anew when a run that waited for models tries its chain again: then `model.started` comes first. */
function isOlder(one: SentDelta, other: Call): boolean {
  if (one.type === 'model.started') return false
  if (one.step !== other.step) return one.step < other.step
  return one.hop === other.hop ? one.attempt < other.attempt : one.hop < other.hop
}
