import { z } from 'zod'
import type { AnyTool } from '../define/tool-definition.ts'

/** The part of one argument's JSON Schema that the checks of rules read. */
export interface ArgumentSchema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly maximum?: number
  readonly exclusiveMaximum?: number
}

/** The arguments of a tool by name; `required` are those that every call has. */
export interface InputSchema {
  readonly properties: Readonly<Record<string, ArgumentSchema>>
  readonly required: readonly string[]
}

/** Yields the problems of a tool's input, and returns its JSON Schema; null where the input has none. */
export function* checkInput(where: string, { input }: AnyTool): Generator<string, InputSchema | null> {
  if (!isObjectSchema(input)) {
    yield `${where}: input is not an object schema. Write z.strictObject({ … }), with no argument if it takes none.`
    return null
  }
  const wrong = Object.entries(input.shape).flatMap(([name, schema]) => {
    const why = inexpressible(z.object({ [name]: schema }))
    return why === null ? [] : [{ name, why }]
  })
  for (const { name, why } of wrong) {
    yield `${where}: the argument "${name}" of input cannot be told to a model (${why}). Use a type that JSON has, and convert it in execute.`
  }
  for (const [name, schema] of Object.entries(input.shape)) {
    if (!hasAsyncRefinement(z.object({ [name]: schema }))) continue
    yield `${where}: the argument "${name}" of input has a refinement that is async. Arguments are checked without waiting: look it up in execute, and say no with a ToolError.`
  }
  if (wrong.length > 0) return null
  const why = inexpressible(input)
  if (why !== null) {
    yield `${where}: input cannot be told to a model (${why}). Use types that JSON has, and convert them in execute.`
    return null
  }
  return readSchema(z.toJSONSchema(input, { io: 'input' }))
}

export function isObjectSchema(input: unknown): input is z.ZodObject {
  return typeof input === 'object' && input !== null && '_zod' in input && input instanceof z.ZodObject
}

/** Why JSON Schema cannot express the type; null where it can. Both directions are tried, since only one of them sees a transform. */
export function inexpressible(schema: z.ZodObject): string | null {
  try {
    for (const io of ['input', 'output'] as const) z.toJSONSchema(schema, { io })
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Parsing with one throws instead of telling what is wrong, so a model's answer could not be read. */
export function hasAsyncRefinement(schema: z.ZodObject): boolean {
  let found = false
  z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema }) {
      for (const { _zod } of zodSchema._zod.def.checks ?? []) {
        const { fn } = _zod.def as { readonly fn?: unknown }
        found ||= Object.prototype.toString.call(fn) === '[object AsyncFunction]'
      }
    },
  })
  return found
}

function readSchema(schema: object): InputSchema {
  const {
    properties = {},
    required = [],
    $defs = {},
  } = schema as Partial<InputSchema> & { readonly $defs?: InputSchema['properties'] }
  const resolved = Object.entries(properties).map(([name, argument]) => {
    const { $ref = '' } = argument as { readonly $ref?: string }
    return [name, $defs[$ref.replace('#/$defs/', '')] ?? argument] as const
  })
  return { properties: Object.fromEntries(resolved), required }
}
