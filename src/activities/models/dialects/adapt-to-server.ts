import type { Logger } from 'pino'
import type { PlannedModel } from '../../../contracts/model.ts'
import { type Dialect, MOST_RESPELLINGS } from '../../../policies/dialects.ts'
import type { ForeignError } from '../failures/foreign-error.ts'
import { ModelFailure } from '../failures/model-failure.ts'
import type { ModelAdapter, WireAdapter } from '../wires/model-adapter.ts'
import { respell } from './respell.ts'

interface Server {
  readonly dialectOf: (model: PlannedModel) => Dialect
  readonly logger: Pick<Logger, 'info'>
}

/**
 * Asks a server in the dialect that is known of it. A refused request is repeated at once in another spelling, within the
 * same attempt, since nobody bills it. What a server was found to want is kept for this process, by model, once it has
 * answered.
 */
export function adaptToServer(adapter: WireAdapter, { dialectOf, logger }: Server): ModelAdapter {
  const learnt = new Map<string, Dialect>()

  return {
    async generate(request, options) {
      const { model, messages } = request
      const first = learnt.get(model.model) ?? dialectOf(model)
      const hasAnswers = messages.some(({ role }) => role === 'assistant')
      let dialect = first
      let lasting = first
      for (let respellings = 0; ; respellings += 1) {
        try {
          const answer = await adapter.generate(request, options, dialect)
          if (lasting !== first) {
            learnt.set(model.model, lasting)
            logger.info({ model: model.model, dialect: lasting }, 'learnt how a server wants its requests')
          }
          return answer
        } catch (error) {
          const refusal = refusalIn(error)
          const next =
            refusal === null || respellings === MOST_RESPELLINGS
              ? null
              : respell(refusal, { wire: model.wire, dialect, first, hasAnswers })
          if (next === null) throw error
          logger.info(
            { err: error, model: model.model, change: next.change },
            'a request was refused, and is spelled otherwise',
          )
          dialect = { ...dialect, ...next.change }
          if (next.lasting) lasting = { ...lasting, ...next.change }
        }
      }
    },
  }
}

/** Other codes say what is wrong, such as the length or the key, and no other spelling mends that. */
function refusalIn(error: unknown): ForeignError | null {
  if (!(error instanceof ModelFailure) || error.code !== 'model_request_refused' || error.billed !== 'no')
    return null
  return error.foreign
}
