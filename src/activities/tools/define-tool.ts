import type { Logger } from 'pino'
import { z } from 'zod'
import type { JsonObject } from '../../contracts/json.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import type { CarriedToolName, TOOL_POLICY, ToolName } from '../../policies/tools.ts'
import type { Database } from '../../store/database/database.ts'

/** What a handler is given besides its arguments. */
export interface ToolContext {
  /** Who the call acts for. Handlers reach nothing that is not this principal's, whoever wrote the message that led to the call. */
  readonly run: RunIdentity
  /** The same for every try of one call; a tool with idempotency `key` does its work once for it. */
  readonly callKey: string
  readonly db: Database
  /** What the tool's `facts` found before anybody was asked; empty where it has none. */
  readonly facts: JsonObject
  /** Principals who approved this call, in the order of their decisions; empty where nobody was asked. */
  readonly approvedBy: readonly string[]
  /** Aborted when the call is cancelled or out of time. */
  readonly signal: AbortSignal
  /** Says that the call is alive. The activity does so by itself for as long as the event loop turns. */
  heartbeat(): void
  readonly logger: Logger
}

type Row<N extends ToolName> = (typeof TOOL_POLICY)[N]

/** Tools that have a handler: all but those that the run carries out itself. */
export type HandledToolName = Exclude<ToolName, CarriedToolName>

interface FaceDefinition<N extends ToolName, S extends z.ZodObject> {
  readonly name: N
  /** What the model reads: what the tool does, when to use it, what comes back. */
  readonly description: string
  readonly input: S
  /** Mandatory, and the same as in the tool's policy row: another one does not compile. */
  readonly effect: Row<N>['effect']
  readonly idempotency: Row<N>['idempotency']
}

export interface ToolDefinition<N extends HandledToolName, S extends z.ZodObject>
  extends FaceDefinition<N, S> {
  /** Throws a {@link ToolError} to say no. */
  handler(args: z.output<S>, context: ToolContext): Promise<JsonObject>
}

/** What a model is told of a tool, and what its call is checked with, whoever carries it out. */
export interface ToolFace<N extends ToolName = ToolName> {
  readonly name: N
  readonly description: string
  readonly effect: Row<N>['effect']
  readonly idempotency: Row<N>['idempotency']
  /** JSON Schema of the arguments. */
  readonly inputSchema: JsonObject
  /** JSON pointers of the arguments that do not fit; empty when all do. */
  misfits(args: JsonObject): readonly string[]
}

/** A tool that `runTool` can run. */
export interface Tool<N extends HandledToolName = HandledToolName> extends ToolFace<N> {
  /** Runs the handler. Arguments must have been checked with `misfits`; here a misfit is a bug and throws. */
  run(args: JsonObject, context: ToolContext): Promise<JsonObject>
}

export function defineTool<N extends HandledToolName, S extends z.ZodObject>(
  definition: ToolDefinition<N, S>,
): Tool<N> {
  return {
    ...faceOf(definition),
    run: (args, context) => definition.handler(definition.input.parse(args), context),
  }
}

/** A tool without a handler: the run hands the conversation on, or starts a sub-agent, by what the policy row says. */
export function defineCarriedTool<N extends CarriedToolName, S extends z.ZodObject>(
  definition: FaceDefinition<N, S>,
): ToolFace<N> {
  return faceOf(definition)
}

function faceOf<N extends ToolName, S extends z.ZodObject>({
  name,
  description,
  effect,
  idempotency,
  input,
}: FaceDefinition<N, S>): ToolFace<N> {
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
