import { z } from 'zod'
import { API_KEYS } from '../../policies/api-keys.ts'
import { findApiKey, listApiKeys, revokeApiKey } from '../../store/access/api-keys.ts'
import type { Api, ApiContext } from '../context.ts'
import { onOnePage } from '../http/paging/to-page.ts'
import { OF_BODY, problems } from '../http/problems/problem.schema.ts'
import { Problem } from '../http/problems/problem.ts'
import { apiKey, apiKeyPage, keyParams, madeKey, newKeyBody, rotateKeyBody } from './key.schema.ts'
import { makeKey } from './make-key.ts'
import { requireGrantable } from './require-grantable.ts'
import { rotateKey } from './rotate-key.ts'
import { toKeyResource } from './to-key-resource.ts'

const createSchema = {
  operationId: 'createKey',
  tags: ['keys'],
  summary: 'Make an API key for this tenant',
  body: newKeyBody,
  response: {
    201: madeKey,
    ...problems(...OF_BODY),
  },
}

const listSchema = {
  operationId: 'listKeys',
  tags: ['keys'],
  summary: "This tenant's API keys, newest first, all of them",
  querystring: z.strictObject({}),
  response: { 200: apiKeyPage, ...problems() },
}

const rotateSchema = {
  operationId: 'rotateKey',
  tags: ['keys'],
  summary: 'Give an API key a new secret',
  description:
    'The key keeps its id, and its text with the new secret is shown this once. The secret until now is taken for a while, so that its bearers can change over. Two secrets live at most: rotating a key that has two ends the older one within 5 seconds, and with it the tokens for pages that the key has made before.',
  params: keyParams,
  body: rotateKeyBody,
  response: {
    200: madeKey,
    ...problems(...OF_BODY, 'not_found', 'key_ended'),
  },
}

const revokeSchema = {
  operationId: 'revokeKey',
  tags: ['keys'],
  summary: 'Revoke an API key for good',
  description:
    'It is refused everywhere within 5 seconds, with its new secret and its old one. Revoking it again is revoking it once.',
  params: keyParams,
  response: { 200: apiKey, ...problems('not_found') },
}

/** The command `keys` asks these routes on the local stack, whose embedded store only the stack's own process can open. */
export function addKeys(api: Api, { database }: ApiContext): void {
  const config = { access: ['admin'] as const }

  api.post('/v1/keys', { schema: createSchema, config }, async (request, reply) => {
    requireGrantable(request.principal, request.body.scopes)
    return reply.code(201).send(await makeKey(database, request, request.principal.tenant))
  })

  api.get('/v1/keys', { schema: listSchema, config }, async (request) =>
    onOnePage((await listApiKeys(database, request.principal.tenant)).map(toKeyResource)),
  )

  api.post('/v1/keys/:id/rotate', { schema: rotateSchema, config }, async (request) => {
    const { old_valid_for_ms: oldValidForMs = API_KEYS.oldSecretMs.usual } = request.body ?? {}
    const { id } = request.params
    const { tenant } = request.principal
    const found = await findApiKey(database, id)
    if (found === null || found.key.tenant !== tenant) throw new Problem('not_found')
    // Whoever rotates a key gets its text.
    requireGrantable(request.principal, found.key.scopes)
    const rotated = await rotateKey(database, { id, tenant, oldValidForMs })
    if (rotated === null) throw new Problem('not_found')
    if (rotated === 'ended') throw new Problem('key_ended')
    request.facts.madeKey = id
    return { ...toKeyResource(rotated.key), key: rotated.text }
  })

  api.delete(
    '/v1/keys/:id',
    { schema: revokeSchema, config: { ...config, whileSuspended: 'taken' } },
    async (request) => {
      const revoked = await revokeApiKey(database, request.params.id, request.principal.tenant)
      if (revoked === null) throw new Problem('not_found')
      return toKeyResource(revoked)
    },
  )
}
