import type { z } from 'zod'
import { isJsonObject, type JsonObject } from '../../contracts/json.ts'
import type { ApproversContext, ApproversOfCall, FactsContext, ToolContext } from '../tool.ts'
import type { Setup } from './setup-definition.ts'
import { type AsJson, toJson, toJsonObject } from './to-json.ts'
import type {
  DefinedTool,
  FactsWith,
  LooseDefinition,
  ToolDefinition,
  ToolResult,
} from './tool-definition.ts'

/** `defineTool` of an application whose environment and services are these. */
export interface DefineTool<Env, Services> {
  /**
   * A tool: what the model reads of it, what its arguments have to be, when a person is asked, and what it does.
   *
   * @example
   * const readInvoice = defineTool({
   *   name: 'read_invoice',
   *   description: 'One invoice of the customer, by its number.',
   *   input: z.strictObject({ number: z.string() }),
   *   effect: 'read',
   *   async execute({ number }, { db, caller }) {
   *     const invoice = await findInvoice(db, caller, number)
   *     if (invoice === null) throw new ToolError('No such invoice.')
   *     return invoice
   *   },
   * })
   */
  // biome-ignore lint/style/useShorthandFunctionType: an editor shows a signature's comment where the builder is called
  <
    Input extends z.ZodObject,
    NumberFact extends string = never,
    TextFact extends string = never,
    Facts extends FactsWith<NumberFact, TextFact> = FactsWith<NumberFact, TextFact>,
  >(
    definition: ToolDefinition<Input, NumberFact, TextFact, Facts, Env, Services>,
  ): DefinedTool<Env, Services>
}

const FIELDS = [
  'name',
  'description',
  'input',
  'effect',
  'requires',
  'idempotency',
  'execution',
  'timeoutMs',
  'attempts',
  'approval',
  'facts',
  'approvers',
  'execute',
] as const satisfies readonly (keyof LooseDefinition<z.ZodObject, object, unknown, unknown>)[]

const HANDLERS = ['facts', 'approvers', 'execute'] as const

export function createDefineTool<Env, Services>(setup: Setup | null): DefineTool<Env, Services> {
  return (definition) => {
    const { facts: _, approvers: __, execute: ___, ...fields } = definition
    return {
      ...fields,
      holdfast: 'tool',
      delegation: null,
      handlers: handlersOf(definition),
      notFunctions: HANDLERS.filter(
        (name) => definition[name] !== undefined && typeof definition[name] !== 'function',
      ),
      unknownFields: Object.keys(definition).filter((name) => !(FIELDS as readonly string[]).includes(name)),
      setup,
    }
  }
}

/** Handlers as the activities call them: they take the arguments as the model wrote them, and return JSON. */
function handlersOf<Input extends z.ZodObject, Facts extends object, Env, Services>(
  tool: LooseDefinition<Input, Facts, Env, Services>,
): DefinedTool['handlers'] {
  const { execute, facts, approvers } = tool
  return {
    ...(typeof execute === 'function' && {
      async execute(args, context) {
        // The cast restores the types of `setup`: env and services of a context come from the application's environment.
        const typed = context as ToolContext<Env, Services, AsJson<Facts>>
        return toResult(tool.name, await execute(tool.input.parse(args), typed))
      },
    }),
    ...(typeof facts === 'function' && {
      async facts(args, context) {
        const typed = context as FactsContext<Env, Services>
        return toJsonObject(`What facts of ${tool.name} found`, await facts(tool.input.parse(args), typed))
      },
    }),
    ...(typeof approvers === 'function' && {
      async approvers(args, context): Promise<ApproversOfCall> {
        const typed = context as ApproversContext<Env, Services, AsJson<Facts>>
        return approvers({ ...typed, args: tool.input.parse(args) })
      },
    }),
  }
}

function toResult(name: string, result: ToolResult): JsonObject {
  if (result === undefined) return {}
  const json = toJson(`What ${name} returned`, result)
  return isJsonObject(json) ? json : { result: json }
}
