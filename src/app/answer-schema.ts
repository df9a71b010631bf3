import { z } from 'zod'
import { describeIssue, type Misfit } from '../contracts/describe-issue.ts'
import type { Json, JsonObject } from '../contracts/json.ts'

/** What an agent's answer has to be. */
export interface AnswerSchema {
  /** As a plan and a request have it. */
  readonly jsonSchema: JsonObject
  /** What of the value does not fit, in our words; empty where it fits. */
  misfits(value: Json): readonly Misfit[]
}

export function answerSchemaOf(output: z.ZodType): AnswerSchema {
  return bound(toJsonSchema(output), output)
}

/** For a run of another build: its plan has the JSON Schema alone, without the refinements that only code can check. */
export function plannedAnswerSchema(jsonSchema: JsonObject): AnswerSchema {
  return bound(jsonSchema, z.fromJSONSchema(jsonSchema as Parameters<typeof z.fromJSONSchema>[0]))
}

function bound(jsonSchema: JsonObject, schema: z.ZodType): AnswerSchema {
  return {
    jsonSchema,
    misfits(value) {
      const { error } = schema.safeParse(value, { reportInput: true })
      const found = (error?.issues ?? []).flatMap((issue) => describeIssue(issue))
      // Of several things that are wrong in one place, the first is told.
      return found.filter(
        ({ pointer }, index) => found.findIndex((other) => other.pointer === pointer) === index,
      )
    },
  }
}

/**
 * The schema of what is to be written: the input of defaults and the like. Branches that exclude each other stand in `anyOf`, since strict
 * modes know no `oneOf`.
 */
function toJsonSchema(output: z.ZodType): JsonObject {
  const { $schema: _, ...schema } = z.toJSONSchema(output, {
    io: 'input',
    override({ zodSchema, jsonSchema }) {
      if (zodSchema._zod.def.type !== 'union' || jsonSchema.oneOf === undefined) return
      jsonSchema.anyOf = jsonSchema.oneOf
      delete jsonSchema.oneOf
    },
  })
  return JSON.parse(JSON.stringify(schema)) as JsonObject
}
