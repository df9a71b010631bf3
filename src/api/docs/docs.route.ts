import swagger, { type SwaggerTransform } from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { furtherProblems, OF_BODY } from '../http/problems/problem.schema.ts'
import { staticDocument } from '../http/static-document.ts'
import { ABOUT } from './about.ts'
import { ACCESSIBLE } from './accessible-docs.ts'
import { markDeepObjects } from './mark-deep-objects.ts'
import { markOptionalBodies } from './mark-optional-bodies.ts'
import { pruneComponents } from './prune-components.ts'
import { addResponseHeaders } from './response-headers.ts'

const CSP =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"

/** Adds to each operation the scopes of which a caller's key or token must cover one. */
const withSecurity: SwaggerTransform = (input) => {
  const { schema, url } = jsonSchemaTransform(withRefusedBodies(input))
  const { access = [], browserTokens } = input.route.config ?? {}
  const ofScopes =
    access === 'public' ? [] : access.flatMap((scope) => [{ apiKey: [scope] }, { token: [scope] }])
  const security =
    browserTokens === undefined
      ? ofScopes
      : [...ofScopes, { browserToken: [browserTokens === 'writing' ? 'write' : 'read'] }]
  return { schema: { ...schema, security }, url }
}

type Input = Parameters<typeof jsonSchemaTransform>[0]

/** A body is read where the request has one, also of a DELETE, which needs none; then it can be refused. */
function withRefusedBodies(input: Parameters<SwaggerTransform>[0]): Input {
  const { schema, route } = input as Input
  if (route.method !== 'DELETE') return input as Input
  const declared = (schema.response ?? {}) as object
  const response = { ...declared, ...furtherProblems(declared, OF_BODY) }
  return { ...(input as Input), schema: { ...schema, response } }
}

/** To be called before the routes are added: the document has only routes that are added later. */
export function addOpenApi(server: FastifyInstance, version: string): void {
  const optionalBodies = new Set<string>()
  server.register(swagger, {
    openapi: {
      ...ABOUT,
      info: { ...ABOUT.info, version },
      servers: [...ABOUT.servers],
      tags: [...ABOUT.tags],
    },
    transform: (input) => {
      const { operationId, body } = input.schema ?? {}
      if (operationId && body instanceof z.ZodOptional) optionalBodies.add(operationId)
      return withSecurity(input)
    },
    transformObject: (input) =>
      addResponseHeaders(
        markDeepObjects(
          markOptionalBodies(pruneComponents(jsonSchemaTransformObject(input)), optionalBodies),
        ),
      ),
  })
}

export function addDocs(server: FastifyInstance): void {
  const config = { access: 'public' } as const
  const schema = { hide: true } as object
  const documents = {
    '/openapi.json': staticDocument('application/json; charset=utf-8', () =>
      JSON.stringify(server.swagger()),
    ),
    '/docs/json': staticDocument('application/json; charset=utf-8', () => JSON.stringify(server.swagger())),
    '/docs/yaml': staticDocument('application/yaml; charset=utf-8', () => server.swagger({ yaml: true })),
  }
  server.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, ...config }
      // The plugin would make the document anew for every request.
      route.handler = documents[route.url as keyof typeof documents] ?? route.handler
    })
    await scope.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: CSP,
      uiConfig: ACCESSIBLE.uiConfig,
      theme: { ...ACCESSIBLE.theme, js: [...ACCESSIBLE.theme.js] },
    })
  })
  server.get('/openapi.json', { schema, config }, documents['/openapi.json'])
  server.get('/', { schema, config }, async (_request, reply) => reply.redirect('/docs'))
  server.get('/favicon.ico', { schema, config }, async (_request, reply) => reply.code(204).send())
}
