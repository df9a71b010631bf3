import {
  type DeclaredAnswer,
  readOpenApiDocument,
  type Schema,
} from '../../../../scripts/client/openapi-document.ts'
import { isOperators, type Scope } from '../../../../src/contracts/access/api-key.ts'

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
  /** Whether browser tokens lead here, those that may write or all. */
  readonly browserTokens: 'read' | 'write' | null
  readonly parameters: readonly Parameter[]
  readonly body: {
    readonly required: boolean
    readonly schema: Schema
    /** One that is taken; absent for a body that takes nothing. */
    readonly example: object | undefined
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
        scopes: scopesIn(security),
        browserTokens: (security.flatMap((scheme) => scheme['browserToken'] ?? [])[0] ??
          null) as ApiOperation['browserTokens'],
        parameters,
        body: schema
          ? {
              required: requestBody?.required ?? false,
              schema,
              example: (json?.example ?? (resolve(schema)['examples'] as unknown[] | undefined)?.[0]) as
                | object
                | undefined,
            }
          : null,
        answers: responses,
      },
    ]
  }),
)

/** Whether the operation is about all tenants, and not about the caller's own. */
export function isForOperators({ scopes }: ApiOperation): boolean {
  return scopes.some(isOperators)
}

/** What of the API's own a key or a token needs. */
function scopesIn(security: readonly Readonly<Record<string, readonly string[]>>[]): Scope[] {
  const needed = security.flatMap(({ apiKey = [], token = [] }) => [...apiKey, ...token])
  return [...new Set(needed)] as Scope[]
}

/** The schema itself, where it is a reference into the document. */
export function resolve(schema: Schema): Schema {
  const { $ref, ...beside } = schema
  if (typeof $ref !== 'string') return schema
  const name = $ref.split('/').at(-1) ?? ''
  const target = DOCUMENT.components.schemas[name]
  if (target === undefined) throw new Error(`The document has no schema ${name}.`)
  return { ...resolve(target), ...beside }
}
