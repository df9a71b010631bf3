import swagger, { type SwaggerTransform } from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { markDeepObjects } from '../mark-deep-objects.ts'
import { markOptionalBodies } from '../mark-optional-bodies.ts'
import { pruneComponents } from '../prune-components.ts'

const CSP =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"

/** Says with every operation the scopes of which a caller's key must cover one. */
const withSecurity: SwaggerTransform = (input) => {
  const { schema, url } = jsonSchemaTransform(input as Parameters<typeof jsonSchemaTransform>[0])
  const { access = [] } = input.route.config ?? {}
  const security = access === 'public' ? [] : access.map((scope) => ({ apiKey: [scope] }))
  return { schema: { ...schema, security }, url }
}

/** Has to come before the routes: the document is made of what is added after it. */
export function addOpenApi(server: FastifyInstance, version: string): void {
  const optionalBodies = new Set<string>()
  server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Holdfast',
        version,
        description: 'LLM agents as durable runs: start them, follow them, decide what they may do.',
      },
      components: {
        securitySchemes: {
          apiKey: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'hf_…',
            description:
              "An API key: `npm run keys -- create`. Each operation names the scopes of which it takes one. `runs:read`, `runs:write` and `runs:cancel` are about the runs of the key's own principal, the same with `:all` about every run of the tenant.",
          },
        },
      },
    },
    transform: (input) => {
      const { operationId, body } = input.schema ?? {}
      if (operationId && body instanceof z.ZodOptional) optionalBodies.add(operationId)
      return withSecurity(input)
    },
    transformObject: (input) =>
      markDeepObjects(markOptionalBodies(pruneComponents(jsonSchemaTransformObject(input)), optionalBodies)),
  })
}

export function addDocs(server: FastifyInstance): void {
  const config = { access: 'public' } as const
  server.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, ...config }
    })
    await scope.register(swaggerUi, { routePrefix: '/docs', staticCSP: CSP })
  })
  server.get('/openapi.json', { schema: { hide: true } as object, config }, async () => server.swagger())
}
