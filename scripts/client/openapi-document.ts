import { Client, Connection } from '@temporalio/client'
import { pino } from 'pino'
import { buildServer } from '../../src/api/server.ts'
import { defineAgent, defineApp } from '../../src/index.ts'
import type { Database } from '../../src/store/database/database.ts'
import { NO_TELEMETRY } from '../../src/telemetry/telemetry.ts'

/** A JSON Schema, as far as it is looked at here. */
export interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly description?: string
  readonly [keyword: string]: unknown
}

interface Content {
  readonly [mediaType: string]: { readonly schema?: Schema; readonly example?: unknown }
}

export interface Operation {
  readonly operationId: string
  readonly summary?: string
  /** Schemes, each with the scopes that it has to cover; one of the entries is enough, and without one nobody is asked. */
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly description?: string
    readonly schema: Schema
  }[]
  readonly requestBody?: { readonly required?: boolean; readonly content: Content }
  readonly responses: Readonly<Record<string, DeclaredAnswer>>
}

export interface DeclaredAnswer {
  readonly description: string
  readonly content?: Content
  readonly headers?: Readonly<Record<string, object>>
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>
    readonly headers: Readonly<Record<string, { readonly schema: Schema }>>
  }
}

const refuse = () => Promise.reject(new Error('No request is made for the document.'))

/** What the API needs of a store to be put together. */
const STORE: Database = {
  as: () => STORE,
  get everyTenant() {
    return STORE
  },
  kind: 'pglite',
  // No tenant is suspended.
  query: async () => [],
  transaction: refuse,
  ping: refuse,
  listen: async () => async () => undefined,
  connections: () => ({ used: 0, idle: 0, waiting: 0 }),
  close: async () => undefined,
}

const app = defineApp({
  name: 'document',
  agents: [defineAgent({ name: 'agent', version: 'v1', instructions: 'Answer.' })],
})

/** The API's OpenAPI document, which is the same for every application. The API is put together for it, and never listens. */
export async function readOpenApiDocument(): Promise<OpenApiDocument> {
  const server = buildServer({
    app,
    outside: { env: {}, services: {} },
    database: STORE,
    // Would connect with the first call.
    temporal: new Client({ connection: Connection.lazy() }),
    taskQueue: 'document',
    logger: pino({ level: 'silent' }),
    telemetry: NO_TELEMETRY,
    auth: 'keys',
    secret: 'document',
  })
  try {
    await server.ready()
    return JSON.parse(JSON.stringify(server.swagger())) as OpenApiDocument
  } finally {
    await server.close()
  }
}
