import { z } from 'zod'
import type { Tool as AppTool, ToolContext } from '../../app/tool.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { CarriedToolName, TOOL_POLICY, ToolName } from '../../policies/tools.ts'

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
  execute(args: z.output<S>, context: ToolContext): Promise<JsonObject>
}

/** What a model is told of a tool, and what its call is checked with, whoever carries it out. */
export interface ToolFace<N extends ToolName = ToolName> extends Omit<AppTool, 'execute'> {
  readonly name: N
  readonly effect: Row<N>['effect']
  readonly idempotency: Row<N>['idempotency']
}

/** A tool that `runTool` can run. Arguments must have been checked; here one that does not fit is a bug and throws. */
export interface Tool<N extends HandledToolName = HandledToolName> extends ToolFace<N> {
  readonly execute: NonNullable<AppTool['execute']>
}

export function defineTool<N extends HandledToolName, S extends z.ZodObject>(
  definition: ToolDefinition<N, S>,
): Tool<N> {
  return {
    ...faceOf(definition),
    execute: (args, context) => definition.execute(definition.input.parse(args), context),
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
    invalidArguments(args) {
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
