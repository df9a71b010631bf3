import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { RecordedMaker } from '../../contracts/access/credential.ts'
import type { Db } from '../../store/database/database.ts'
import { createKey } from './create-key.ts'
import type { MadeKeyResource, newKeyBody } from './key.schema.ts'
import type { Principal } from './principal.ts'
import { toKeyResource } from './to-key-resource.ts'

/** A request for a key. */
type Asked = Pick<FastifyRequest, 'principal' | 'facts'> & { readonly body: z.output<typeof newKeyBody> }

/** Makes the key of a request for this tenant, and notes which one it is for the request's line in the log. */
export async function makeKey(
  db: Db,
  { principal: maker, facts, body }: Asked,
  tenant: string,
): Promise<MadeKeyResource> {
  const { principal, groups, scopes, expires_at: expiresAt } = body
  const { key, text } = await createKey(db, {
    tenant,
    principal,
    groups,
    scopes,
    expiresAt,
    createdBy: recordedMakerOf(maker),
  })
  facts.targetId ??= key.id
  facts.madeKey = key.id
  return { ...toKeyResource(key), key: text }
}

/** A browser token makes no key. */
function recordedMakerOf({ credential }: Principal): RecordedMaker | null {
  return credential === null || credential.type === 'browser_token' ? null : credential
}
