import { type AnswerSchema, plannedAnswerSchema } from '../../../app/answer-schema.ts'
import type { App } from '../../../app/app.ts'
import { isSameJson, type JsonObject } from '../../../contracts/json.ts'

/**
 * Finds what checks the answers of a run's agent: the application's own schema, or the plan's where the run was accepted by a build with
 * another one. null where the plan's can't be checked here.
 */
export function findAnswerSchema(
  app: Pick<App, 'answerSchema'>,
  agent: string,
  planned: JsonObject,
): AnswerSchema | null {
  const own = app.answerSchema(agent)
  if (own !== null && isSameJson(own.jsonSchema, planned)) return own
  try {
    return plannedAnswerSchema(planned)
  } catch {
    return null
  }
}
