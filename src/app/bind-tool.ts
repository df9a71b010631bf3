import { z } from 'zod'
import type { JsonObject } from '../contracts/json.ts'
import { jsonPointer } from '../contracts/json-pointer.ts'
import { describeDelegation } from './define/delegation-tools.ts'
import type { AnyTool } from './define/tool-definition.ts'
import type { Tool } from './tool.ts'

/** A tool as the activities see it. @param purposeOf gives an agent's purpose, for the description of a handoff or sub-agent */
export function bindTool(
  { name, description, input, delegation, builtIn, handlers }: AnyTool,
  purposeOf: (agent: string) => string,
): Tool {
  return {
    name,
    description:
      description ?? (delegation === null ? '' : describeDelegation(delegation, purposeOf(delegation.to))),
    inputSchema: jsonSchemaOf(input),
    invalidArguments(args) {
      const parsed = input.safeParse(args)
      return parsed.success ? [] : [...new Set(parsed.error.issues.flatMap(pointersOf))]
    },
    ...(builtIn !== undefined && { builtIn }),
    ...handlers,
  }
}

function jsonSchemaOf(input: z.ZodObject): JsonObject {
  // The dialect's name is noise to a provider, and some refuse it.
  const { $schema: _, ...schema } = z.toJSONSchema(input, { io: 'input' })
  return JSON.parse(JSON.stringify(schema)) as JsonObject
}

function pointersOf(issue: z.core.$ZodIssue): string[] {
  const { path } = issue
  return issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => jsonPointer([...path, key]))
    : [jsonPointer(path)]
}
