import { ANSWER_NOTES } from '../../../../../src/policies/models/answers.ts'
import { SUMMARY_INSTRUCTIONS } from '../../../../../src/policies/models/context.ts'
import { FAULT_KINDS, type FaultKind } from '../../../../../src/testing/faults/fault-kinds.ts'
import { type FaultPlan, faults } from '../../../../../src/testing/faults/faults.ts'
import type {
  Script,
  ScriptedAnswer,
  ScriptedRequest,
  ScriptedToolCall,
} from '../../../../../src/testing/script.ts'
import { randomFrom, seedOf } from '../../../../../src/testing/seeded.ts'
import { wordsOf } from '../../../../support/office/words.ts'
import { ACCOUNT } from '../pay-desk/books.ts'
import {
  type Agent,
  answerTo,
  lastWords,
  markIn,
  reportOf,
  type TroubledRun,
  troubledRun,
} from './troubled-run.ts'

const LOOK_UP: ScriptedToolCall = { tool: 'look_up', arguments: { account: ACCOUNT } }
const LOOK_UPS_OF_A_TALK = 6
/** So long that a talk outgrows its window, and that an answer comes in many pieces. */
const PADDING = 'The account was looked at again, and it has the same total as before. '.repeat(6).trim()

/** Half-way through the whole: `cutAt` is where the model reaches its output cap. */
const cutAt = (text: string) => Math.floor(text.length / 2)

/** What each agent's model wants, step by step; then it says its last words. */
const STEPS: Readonly<Record<Agent, (run: TroubledRun) => readonly (readonly ScriptedToolCall[])[]>> = {
  payer: ({ effects: [one, other, ticket] }) => [
    [LOOK_UP],
    [one, other].filter((call) => call !== undefined),
    ticket ? [ticket] : [],
  ],
  reporter: ({ effects }) => [[LOOK_UP], effects],
  answerer: () => [],
  talker: ({ effects }) => [...Array.from({ length: LOOK_UPS_OF_A_TALK }, () => [LOOK_UP]), effects],
  racer: ({ effects }) => [effects],
  walker: ({ effects }) => [[LOOK_UP], effects],
  climber: () => [],
}

/** What the models say where nothing goes wrong. */
export const troubledScript: Script = (request) => {
  const texts = request.messages.map(wordsOf)
  const mark = markIn(texts)
  return { ...paceOf(request), ...answerOf(request, mark, texts) }
}

function answerOf(
  { system, model, messages }: ScriptedRequest,
  mark: string,
  texts: readonly string[],
): ScriptedAnswer {
  const [, number] = /^Run (\d+) /.exec(mark) ?? []
  if (system.startsWith(SUMMARY_INSTRUCTIONS.slice(0, 40)))
    return { text: `${mark}: the account was looked at.` }
  if (number === undefined) return { text: answerTo(mark) }
  const run = troubledRun(Number(number))
  const last = texts.at(-1) ?? ''
  if (last.startsWith(ANSWER_NOTES.cutOff)) {
    const words = lastWords(mark)
    return { text: words.slice(cutAt(words)) }
  }
  const step = stepAfter(texts)
  const calls = STEPS[run.agent](run)[step - 1]
  if (calls !== undefined) {
    const isLong = run.agent === 'talker' || run.agent === 'walker'
    const text = `${mark}, step ${step}. ${isLong ? PADDING : ''}`
    return { text: text.trim(), toolCalls: calls }
  }
  if (run.agent === 'reporter' || run.agent === 'climber') {
    const isTold = messages.some(
      ({ role }, at) => role === 'user' && (texts[at] ?? '').startsWith(ANSWER_NOTES.outputInvalid),
    )
    const misfits = run.agent === 'climber' ? model === 'gpt-5.4-mini' : Number(number) % 2 === 0 && !isTold
    return { text: misfits ? '{"account": 7}' : reportOf(Number(number)) }
  }
  const words = lastWords(mark)
  const isCut = run.agent === 'payer' && Number(number) % 2 === 0
  return isCut ? { text: words.slice(0, cutAt(words)), stop: 'max_output_tokens' } : { text: words }
}

/** The step after the last one that was taken: the messages of earlier ones may have left the window. */
function stepAfter(texts: readonly string[]): number {
  const taken = texts.flatMap((text) => [...text.matchAll(/, step (\d+)\./g)].map(([, step]) => Number(step)))
  return Math.max(0, ...taken) + 1
}

/**
 * Never two runs in step, and models that are slow to begin now and then: more often where there is a hedge. Answers in the background take
 * their time, so that kills meet them.
 */
function paceOf({
  model,
  messages,
  system,
}: ScriptedRequest): Pick<ScriptedAnswer, 'delayMs' | 'chunkDelayMs'> {
  const random = randomFrom(seedOf(JSON.stringify([model, messages.map(wordsOf)])))
  const isSlow = random() < (system.includes('the racer') ? 0.6 : 0.1)
  const longestPauseMs = system.includes('the walker') ? 300 : 20
  return {
    delayMs: Math.round(random() * 100) + (isSlow ? 600 : 0),
    chunkDelayMs: Math.round(random() * longestPauseMs),
  }
}

/** Faults that cost the call its answer. Most providers refuse more often than they fall silent. */
const HURTING: readonly FaultKind[] = [...FAULT_KINDS.refused, ...FAULT_KINDS.broken, ...FAULT_KINDS.silent]

/** A provider of which 30 % of the requests fail; a tenth of its other answers are odd, and whole. */
export function badDays(seed: number): { readonly script: Script; readonly plans: readonly FaultPlan[] } {
  const hurting = faults({ seed, rate: 0.3, kinds: HURTING })
  const odd = faults({ seed: seed + 1, rate: 0.1, kinds: FAULT_KINDS.odd })
  return { script: odd(hurting(troubledScript)), plans: [hurting, odd] }
}
