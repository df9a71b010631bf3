import {
  type DeclaredAnswer,
  readOpenApiDocument,
  type Schema,
} from '../../../../scripts/client/openapi-document.ts'
import type { Scope } from '../../../../src/contracts/access/api-key.ts'

export type { Schema } from '../../../../scripts/client/openapi-document.ts'

export interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly schema: Schema
}

/** An operation of the document, in one piece. */
export interface ApiOperation {
  readonly id: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With its parameters in braces. */
  readonly path: string
  /** Scopes of which a caller needs one; none where nobody is asked. */
  readonly scopes: readonly Scope[]
  readonly parameters: readonly Parameter[]
  readonly body: {
    readonly required: boolean
    readonly schema: Schema
    /** One that is taken; absent for a body that takes nothing. */
    readonly example: unknown
  } | null
  readonly answers: Readonly<Record<string, DeclaredAnswer>>
}

export const DOCUMENT = await readOpenApiDocument()

/** Every operation of the API. Tests over this list have new ones by themselves. */
export const OPERATIONS: readonly ApiOperation[] = Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
  Object.entries(methods).flatMap(([method, declared]) => {
    if (method === 'head') return []
    const { operationId: id, parameters = [], requestBody, security = [], responses } = declared
    const json = requestBody?.content['application/json']
    const schema = json?.schema
    return [
      {
        id,
        method: method.toUpperCase() as ApiOperation['method'],
        path,
        scopes: [...new Set(security.flatMap((scheme) => Object.values(scheme).flat()))] as Scope[],
        parameters,
        body: schema
          ? {
              required: requestBody?.required ?? false,
              schema,
              example: json?.example ?? (resolve(schema)['examples'] as unknown[] | undefined)?.[0],
            }
          : null,
        answers: responses,
      },
    ]
  }),
)

/** The schema itself, where it is a reference into the document. */
export function resolve(schema: Schema): Schema {
  const { $ref, ...beside } = schema
  if (typeof $ref !== 'string') return schema
  const name = $ref.split('/').at(-1) ?? ''
  const target = DOCUMENT.components.schemas[name]
  if (target === undefined) throw new Error(`The document has no schema ${name}.`)
  return { ...resolve(target), ...beside }
}
