import type { Logger } from 'pino'
import { z } from 'zod'
import type { JsonObject } from '../../contracts/json.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import type { TOOL_POLICY, ToolName } from '../../policies/tools.ts'
import type { Database } from '../../store/database.ts'

/** What a handler is given besides its arguments. */
export interface ToolContext {
  /** Who the call acts for. Handlers reach nothing that is not this principal's. */
  readonly run: RunIdentity
  /** The same for every try of one call; a tool with idempotency `key` does its work once for it. */
  readonly callKey: string
  readonly db: Database
  /** Aborted when the call is cancelled or out of time. */
  readonly signal: AbortSignal
  /** Says that the call is alive; needed only by handlers that take longer than a few seconds. */
  heartbeat(): void
  readonly logger: Logger
}

type Row<N extends ToolName> = (typeof TOOL_POLICY)[N]

export interface ToolDefinition<N extends ToolName, S extends z.ZodObject> {
  readonly name: N
  /** What the model reads: what the tool does, when to use it, what comes back. */
  readonly description: string
  readonly input: S
  /** Mandatory, and the same as in the tool's policy row: another one does not compile. */
  readonly effect: Row<N>['effect']
  readonly idempotency: Row<N>['idempotency']
  /** Throws a {@link ToolError} to say no. */
  handler(args: z.output<S>, context: ToolContext): Promise<JsonObject>
}

/** A tool as the activities use it. */
export interface Tool<N extends ToolName = ToolName> {
  readonly name: N
  readonly description: string
  readonly effect: Row<N>['effect']
  readonly idempotency: Row<N>['idempotency']
  /** JSON Schema of the arguments. */
  readonly inputSchema: JsonObject
  /** JSON pointers of the arguments that do not fit; empty when all do. */
  misfits(args: JsonObject): readonly string[]
  /** Runs the handler. Arguments must have been checked with `misfits`; here a misfit is a bug and throws. */
  run(args: JsonObject, context: ToolContext): Promise<JsonObject>
}

export function defineTool<N extends ToolName, S extends z.ZodObject>(
  definition: ToolDefinition<N, S>,
): Tool<N> {
  const { name, description, effect, idempotency, input } = definition
  return {
    name,
    description,
    effect,
    idempotency,
    inputSchema: jsonSchemaOf(input),
    misfits(args) {
      const parsed = input.safeParse(args)
      return parsed.success ? [] : [...new Set(parsed.error.issues.flatMap(pointersOf))]
    },
    run: (args, context) => definition.handler(input.parse(args), context),
  }
}

function jsonSchemaOf(input: z.ZodObject): JsonObject {
  // The dialect's name is noise to a provider, and some refuse it.
  const { $schema: _, ...schema } = z.toJSONSchema(input, { io: 'input' })
  return JSON.parse(JSON.stringify(schema)) as JsonObject
}

function pointersOf(issue: z.core.$ZodIssue): string[] {
  const at = issue.path.map((part) => `/${String(part)}`).join('')
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => `${at}/${key}`) : [at]
}
