import type { Logger } from 'pino'
import type { PlannedModel } from '../../../contracts/models/model.ts'
import { type Dialect, MOST_RESPELLINGS } from '../../../policies/models/dialects.ts'
import type { ForeignError } from '../failures/foreign-error.ts'
import { ModelFailure } from '../failures/model-failure.ts'
import type { ModelAdapter, WireAdapter } from '../wires/model-adapter.ts'
import { respell } from './respell.ts'

interface Server {
  readonly dialectOf: (model: PlannedModel) => Dialect
  readonly logger: Pick<Logger, 'info'>
}

/**
 * Sends requests in the dialect that is known of a server. A refused request is not billed, so it is repeated at once in another
 * dialect, within the same attempt. The dialect that the server then answers is kept in this process, by model.
 */
export function adaptToServer(adapter: WireAdapter, { dialectOf, logger }: Server): ModelAdapter {
  const learnt = new Map<string, Dialect>()
  const { countTokens } = adapter

  return {
    ...(countTokens !== undefined && {
      countTokens: (request, signal) => {
        const { model } = request
        return countTokens(request, signal, learnt.get(model.model) ?? dialectOf(model))
      },
    }),
    ...(adapter.background !== undefined && { background: adapter.background }),
    async generate(request, options) {
      const { model, messages, output } = request
      const first = learnt.get(model.model) ?? dialectOf(model)
      const hasAnswers = messages.some(({ role }) => role === 'assistant')
      let dialect = first
      let lasting = first
      for (let respellings = 0; ; respellings += 1) {
        try {
          const answer = await adapter.generate(request, options, dialect)
          if (lasting !== first) {
            learnt.set(model.model, lasting)
            logger.info(
              { provider: model.provider, model: model.model, dialect: lasting },
              'learnt how a server wants its requests',
            )
          }
          return answer
        } catch (error) {
          const refusal = refusalIn(error)
          const next =
            refusal === null || respellings === MOST_RESPELLINGS
              ? null
              : respell(refusal, {
                  wire: model.wire,
                  dialect,
                  first,
                  hasAnswers,
                  hasSchema: output !== undefined,
                })
          if (next === null) throw error
          logger.info(
            { err: error, provider: model.provider, model: model.model, change: next.change },
            'a request was refused, and is spelled otherwise',
          )
          dialect = { ...dialect, ...next.change }
          if (next.lasting) lasting = { ...lasting, ...next.change }
        }
      }
    },
  }
}

/** The refusal of a request whose reason is not known. Another code, as for its length or the key, would come in any dialect. */
function refusalIn(error: unknown): ForeignError | null {
  if (!(error instanceof ModelFailure) || error.code !== 'model_request_refused' || error.billed !== 'no')
    return null
  return error.foreign
}
