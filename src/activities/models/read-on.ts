import type { ModelDecision } from '../../contracts/models/model-call.ts'
import type { ModelTries } from '../../store/models/model-tries.ts'
import { noteResponse } from '../../store/models/response-of-attempt.ts'
import { takeUpAnswer } from '../../store/models/take-up-answer.ts'
import { runFields } from '../../telemetry/fact-run.ts'
import type { Dependencies } from '../dependencies.ts'
import { AnswerGone, type BookedAttempt } from './ask-provider.ts'
import type { KnownModelCall } from './find-planned-call.ts'

/**
 * Reads the answer that the provider goes on with although the worker that asked for it has died. It is the same call to the provider:
 * nothing is booked, and no traffic is entered. Resolves to null where there is no such answer any more, so that the model has to be
 * asked.
 *
 * @param read reads and stores the answer of the attempt that was booked for it
 */
export async function readOn(
  { database, logger }: Pick<Dependencies, 'database' | 'logger'>,
  input: KnownModelCall,
  { attempt, responseId }: NonNullable<ModelTries['inBackground']>,
  read: (booked: BookedAttempt) => Promise<ModelDecision>,
): Promise<ModelDecision | null> {
  const { run, step, hop, seq, inbox = [], firstTimeOf = [] } = input
  const call = { run, step, hop, seq, inbox, firstTimeOf, attempt, responseId }
  const taken = await takeUpAnswer(database, call)
  if (taken === null) return null
  const { agent } = input
  const about = { ...runFields(run), agent, step, hop, model: input.model.model, responseId }
  logger.info(about, 'reads the answer of an earlier attempt')
  try {
    return await read({ ...taken, responseId })
  } catch (error) {
    if (!(error instanceof AnswerGone)) throw error
    logger.warn(about, 'the provider does not have the answer any more')
    await noteResponse(database, { run, step, hop, attempt, responseId: null })
    return null
  }
}
