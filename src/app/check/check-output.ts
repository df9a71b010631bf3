import { z } from 'zod'
import type { AnyAgent } from '../define/agent-definition.ts'
import { hasAsyncRefinement, inexpressible, isObjectSchema } from './check-input.ts'

/** Yields the problems of an agent's output schema. */
export function* checkOutput(where: string, { definition: { output } }: AnyAgent): Generator<string> {
  if (output === undefined) return
  if (!isObjectSchema(output)) {
    yield `${where}: output is not an object schema. Write z.strictObject({ … }), with a list or a choice as a member of it.`
    return
  }
  for (const [name, schema] of Object.entries(output.shape)) {
    const member = z.object({ [name]: schema })
    const why = inexpressible(member)
    if (why !== null) {
      yield `${where}: the member "${name}" of output cannot be told to a model (${why}). Use a type that JSON has.`
    } else if (hasAsyncRefinement(member)) {
      yield `${where}: the member "${name}" of output has a refinement that is async. Answers are checked without waiting: check it where the answer is used.`
    }
  }
}
