import { TOKEN_COUNT } from '../../../policies/models/context.ts'
import { fileTokenFactor } from '../../../policies/models/files.ts'
import type { UncountedRequest } from '../../../store/models/begin-model-call.ts'
import { runFields } from '../../../telemetry/fact-run.ts'
import type { Dependencies } from '../../dependencies.ts'
import { introduced } from '../../runs/introduced.ts'
import { NOT_ANSWERED, toModelFailure } from '../failures/to-model-failure.ts'
import type { KnownModelCall } from '../find-planned-call.ts'
import { requestFiles } from '../request-files.ts'
import type { RequestPreamble } from '../request-preamble.ts'
import { loadTokenizer, tokenFactor } from './count-tokens.ts'
import { messageTokens, preambleTokens } from './message-tokens.ts'

type CountRequest = (
  input: KnownModelCall,
  preamble: RequestPreamble,
  request: UncountedRequest,
  limit: number,
) => Promise<number>

/**
 * Counts the input tokens of a request whose upper bound is above its limit: from the provider's count of the last request on, where there
 * is one, and with our own tokenizer. Near the limit the provider's own counter decides, where the provider has one.
 */
export function createCountRequest({
  adapterFor,
  database,
  logger,
}: Pick<Dependencies, 'adapterFor' | 'database' | 'logger'>): CountRequest {
  async function ownCount(
    { model }: KnownModelCall,
    preamble: RequestPreamble,
    { transcript, contextTokens, unmeasured }: UncountedRequest,
  ): Promise<number> {
    const count = await loadTokenizer()
    const tokensOf = (messages: UncountedRequest['transcript']) =>
      messages.reduce((sum, message) => sum + messageTokens(message, count, fileTokenFactor(model)), 0)
    const factor = tokenFactor(model.wire, null, 0)
    if (contextTokens === null) {
      return Math.ceil((preambleTokens(preamble, count) + tokensOf(transcript)) * factor)
    }
    const after = transcript.slice(transcript.length - unmeasured)
    return contextTokens + Math.ceil(tokensOf(after) * factor)
  }

  async function providersCount(
    input: KnownModelCall,
    { system, tools }: RequestPreamble,
    { transcript }: UncountedRequest,
  ): Promise<number | null> {
    const { run, step, hop, model } = input
    const { countTokens } = adapterFor(model)
    if (countTokens === undefined) return null
    try {
      const files = await requestFiles(database, run, transcript)
      const request = { model, system, tools, messages: introduced(transcript), ...files, cacheKey: '' }
      return await countTokens(request, AbortSignal.timeout(TOKEN_COUNT.counterMs))
    } catch (error) {
      // The SDK's error has the whole answer, which may quote the prompt.
      const err = toModelFailure(error, NOT_ANSWERED)
      logger.info({ err, ...runFields(run), step, hop, model: model.model }, 'the provider counts no tokens')
      return null
    }
  }

  return async (input, preamble, request, limit) => {
    const own = await ownCount(input, preamble, request)
    if (Math.abs(own - limit) > limit * TOKEN_COUNT.nearShare) return own
    return (await providersCount(input, preamble, request)) ?? own
  }
}
