import type { ErrorCode } from '../../contracts/error-codes.ts'
import { USELESS_ANSWERS } from '../../policies/models/models.ts'
import type { BegunModelCall } from '../../store/models/begin-model-call.ts'
import { countUselessAnswers } from '../../store/models/count-useless-answers.ts'
import { isStoppedByRun } from '../cancellation.ts'
import type { Dependencies } from '../dependencies.ts'
import { untilStored } from '../until-stored.ts'
import { type CheckedAnswer, checkAnswer } from './answers/check-answer.ts'
import { AnswerGone, CallStopped, createAskProvider, type TimedAnswer } from './ask-provider.ts'
import { type AskedAttempt, createAttemptFacts } from './attempt-facts.ts'
import { startCallClock } from './call-clock.ts'
import { type CheckedToolCalls, checkToolCalls, wrongCallsInARow } from './check-tool-calls.ts'
import { ModelFailure } from './failures/model-failure.ts'
import type { KnownModelCall } from './find-planned-call.ts'
import type { BookedCall } from './hedge/ask-hedged.ts'
import type { Lane } from './hedge/race-for-first-byte.ts'
import type { CountedTries } from './model-tries.ts'
import type { RequestPreamble } from './request-preamble.ts'
import type { ModelAnswer } from './wires/model-adapter.ts'

/** What facts say of the attempt. */
export function attemptOf({ input, begun }: Pick<BookedCall, 'input' | 'begun'>): AskedAttempt {
  const { run, agent, step, hop, model } = input
  const { attempt, maxOutputTokens } = begun
  return { run, agent, step, hop, attempt, model, maxOutputTokens, purpose: 'answer' }
}

/** A model's answer, checked, with its checked calls. */
export type ReadyAnswer = CheckedAnswer & CheckedToolCalls & TimedAnswer

/** Asks the model of a booked call and checks its answer. An attempt that comes to none is settled here. */
export function createAskModel(
  deps: Pick<Dependencies, 'database' | 'app' | 'adapterFor' | 'logger' | 'readers' | 'telemetry' | 'prices'>,
  tries: Pick<CountedTries, 'settleFailed' | 'settleStopped'>,
) {
  const { database, app } = deps
  const askProvider = createAskProvider(deps)
  const facts = createAttemptFacts(deps)
  return askModel

  /** @throws ApplicationFailure with the failure's code; the attempt is settled with its cost as far as that is known */
  async function askModel(booked: BookedCall, lane?: Lane): Promise<ReadyAnswer> {
    const { input, preamble, begun, pass } = booked
    const clock = startCallClock()
    try {
      const timed = await askProvider(input, preamble, begun, pass, { clock, lane })
      const { output: schema } = preamble
      const rules = {
        transcript: begun.transcript,
        schema,
        continues: input.continues === true,
        escalatesRefusal: input.escalatesRefusal === true,
      }
      return {
        ...timed,
        ...checkCalls(input, preamble, begun, timed.answer),
        ...checkAnswer(timed.answer, rules),
      }
    } catch (error) {
      if (error instanceof CallStopped) {
        const { hasBegun, usage, cause } = error
        const isSettled = !hasBegun || usage !== null || lane?.signal.aborted === true
        if (isSettled) await tries.settleStopped(input, begun.attempt, { hasBegun, usage })
        // A worker that has to end leaves the attempt to the next one, which may go on reading its answer.
        if (isSettled || isStoppedByRun(cause)) facts.stopped(attemptOf(booked), clock.read(), usage)
        throw cause
      }
      if (error instanceof AnswerGone) throw error
      // An error that nobody foresees may have come after an answer that is billed.
      const [failed, isFinal] =
        error instanceof ModelFailure
          ? ([error, await isLastOfHop(input, error)] as const)
          : ([new ModelFailure('model_answer_malformed', { cause: error }), true] as const)
      const timing = clock.read()
      const failure = await tries.settleFailed(input, begun.attempt, failed, isFinal)
      facts.failed(attemptOf(booked), timing, failed)
      throw failure
    }
  }

  /** @throws ModelFailure where none of the calls can be made, as in too many answers before: the model does not correct them */
  function checkCalls(
    input: KnownModelCall,
    preamble: RequestPreamble,
    { neverUsed, transcript }: BegunModelCall,
    { message, usage, requestId }: ModelAnswer,
  ): CheckedToolCalls {
    const { seq, firstTimeOf = [], withheld = [], wrapUp = false } = input
    const allowed = [...preamble.tools.map(({ name }) => name), ...withheld]
    const checked = checkToolCalls(message.toolCalls, { allowed, firstTimeOf, neverUsed, seq, app })
    // The calls of the last turn are left out anyway; its text counts.
    const hasBeenTold = !wrapUp && wrongCallsInARow(transcript) >= USELESS_ANSWERS.wrongCallsInARow
    if (
      hasBeenTold &&
      checked.calls.length > 0 &&
      checked.calls.every(({ problem }) => problem !== undefined)
    ) {
      const cause = new Error('no call in it can be made, as in the answers before')
      const id = requestId === null ? {} : { requestId }
      throw new ModelFailure('model_answer_malformed', { usage, cause, ...id })
    }
    return checked
  }

  /** Whether the hop has no try left after this failure: each useless answer is billed. The store does not count this one yet. */
  async function isLastOfHop({ run, step, hop }: KnownModelCall, { code }: ModelFailure): Promise<boolean> {
    const codes: readonly ErrorCode[] = USELESS_ANSWERS.codes
    if (!codes.includes(code)) return false
    const which = { runId: run.runId, step, hop }
    const before = await untilStored(() => countUselessAnswers(database, which, codes))
    return before + 1 >= USELESS_ANSWERS.ofHop
  }
}
