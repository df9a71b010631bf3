import type { AnswerSchema } from '../../../app/answer-schema.ts'
import type { Misfit } from '../../../contracts/describe-issue.ts'
import type { AnswerFault, AnswerProblem } from '../../../contracts/models/answer.ts'
import { cutText } from '../../../contracts/operator-text.ts'
import type { AssistantMessage, Message, UserMessage } from '../../../contracts/runs/message.ts'
import { ANSWER_NOTES, TOLD_MISFITS } from '../../../policies/models/answers.ts'
import { isBlank } from '../history/prepare-transcript.ts'
import type { ModelAnswer } from '../wires/model-adapter.ts'
import { cutOffPart } from './cut-off-part.ts'
import { readJsonAnswer } from './read-json-answer.ts'

/** What an answer comes to, and why it can't be used as it is, if it can't. */
export interface CheckedAnswer {
  readonly result: Pick<AssistantMessage, 'output' | 'fits'>
  readonly fault?: AnswerFault
  /** JSON pointers of what does not fit; '' is the whole answer. */
  readonly misfits?: readonly string[]
  /** Tells the model of the fault. */
  readonly note?: UserMessage
}

interface AnswerRules {
  readonly transcript: readonly Message[]
  /** null where any text is an answer. */
  readonly schema: AnswerSchema | null
  /** An answer that is cut off is gone on with. */
  readonly continues: boolean
  /** Stronger models are asked where the model declines. */
  readonly escalatesRefusal?: boolean
}

/** Joins an answer with the part that it goes on from, and holds it to its agent's schema. */
export function checkAnswer(
  { message, stop, cutOffInCall }: ModelAnswer,
  { transcript, schema, continues, escalatesRefusal }: AnswerRules,
): CheckedAnswer {
  const before = cutOffPart(transcript)
  const whole = before + message.text
  const result = before === '' ? {} : { output: whole }
  if (stop === 'max_output_tokens') {
    if (!continues) return { result }
    if (cutOffInCall) return { result, ...faultOf('call_cut_off', ANSWER_NOTES.callCutOff) }
    const note = isBlank(whole) ? ANSWER_NOTES.nothingSaid : ANSWER_NOTES.cutOff
    return { result, ...faultOf('cut_off', note) }
  }
  if (stop === 'refusal' && escalatesRefusal) return { result, ...faultOf('refused', ANSWER_NOTES.refused) }
  // A refusal is an answer in words, and what stands beside calls is none yet.
  if (stop !== 'end' || schema === null) return { result }
  const json = readJsonAnswer(whole)
  if (json === null) return { result, ...misfitOf([{ pointer: '', detail: ANSWER_NOTES.notJson }]) }
  if (json === 'too_deep') return { result, ...misfitOf([{ pointer: '', detail: ANSWER_NOTES.tooDeep }]) }
  const misfits = schema.misfits(json.value)
  if (misfits.length > 0) return { result, ...misfitOf(misfits) }
  return { result: { ...(json.text !== message.text && { output: json.text }), fits: true } }
}

function faultOf(problem: AnswerProblem, text: string): Pick<CheckedAnswer, 'fault' | 'note'> {
  return { fault: { problem }, note: { role: 'user', text, about: problem } }
}

function misfitOf(misfits: readonly Misfit[]): Pick<CheckedAnswer, 'fault' | 'misfits' | 'note'> {
  const told = misfits.slice(0, TOLD_MISFITS.most).map(({ pointer, detail }) => ({
    pointer: cutText(pointer, TOLD_MISFITS.pointerCharacters),
    detail: cutText(detail, TOLD_MISFITS.detailCharacters),
  }))
  const lines = told.map(({ pointer, detail }) => `- ${pointer === '' ? '' : `${pointer}: `}${detail}`)
  const more = misfits.length > told.length ? [`- … and ${misfits.length - told.length} more`] : []
  const problem = 'output_invalid'
  return {
    fault: { problem, misfits: misfits.length },
    misfits: told.map(({ pointer }) => pointer),
    note: { role: 'user', text: [ANSWER_NOTES.outputInvalid, ...lines, ...more].join('\n'), about: problem },
  }
}
