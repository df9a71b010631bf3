import { z } from 'zod'
import { GRANTS } from '../../contracts/access/api-key.ts'
import { API_KEYS, KEY_LIMITS, KEY_NAME, PRINCIPAL_NAME } from '../../policies/api-keys.ts'
import { pageOf } from '../http/paging/paging.schema.ts'
import { recordedMaker } from './credential.schema.ts'

/** Name of a tenant or group. */
export const keyName = z.string().regex(KEY_NAME)

/** Name of a principal: visible ASCII characters, so that an email address will do. Nobody is `*`, which means each one in budgets. */
export const principalName = z.string().regex(PRINCIPAL_NAME)

/** A scope of the application's own, or all of them. */
export const toolScope = z.templateLiteral(['tools:', z.string().regex(/^(?:\*|[a-z0-9][a-z0-9._-]{0,57})$/)])

const grants = z
  .array(z.union([z.enum(GRANTS), toolScope]))
  .describe(
    "The product's own, and those that the application's tools demand: `tools:…`, or `tools:*` for all of them.",
  )

export const keyId = z
  .string()
  .regex(/^[a-z2-7]{12}$/)
  .describe('What stands in the key behind `hf_`.')
export const keyParams = z.strictObject({ id: keyId })

/** The years 1 to 9999, less a day at each end: time zones and rounding must not lead to a year of other than four digits. */
const expiry = z.iso
  .datetime()
  .refine((time) => time >= '0001-01-02' && time < '9999-12-31', 'Must be a time of the years 1 to 9999.')
  .describe('A time of the years 1 to 9999. null: never.')

export const newKeyBody = z
  .strictObject({
    principal: principalName.describe('In whose name its bearer acts.'),
    groups: z.array(keyName).max(KEY_LIMITS.groups).default([]),
    scopes: grants.min(1).max(KEY_LIMITS.scopes),
    expires_at: expiry.nullable().default(null),
  })
  .meta({
    id: 'NewKey',
    examples: [
      { principal: 'ann@corp.example', groups: ['finance'], scopes: ['approvals:read', 'approvals:decide'] },
    ],
  })

const { oldSecretMs } = API_KEYS

/** The body is optional, and so is everything in it. */
export const rotateKeyBody = z
  .strictObject({
    old_valid_for_ms: z
      .int()
      .min(0)
      .max(oldSecretMs.most)
      .default(oldSecretMs.usual)
      .describe(
        'How long the secret until now is taken beside the new one. 0: it ends within 5 seconds, and so do tokens for pages that the key has made before.',
      ),
  })
  .optional()
  .meta({ examples: [{ old_valid_for_ms: 3_600_000 }] })

export const apiKey = z
  .strictObject({
    id: keyId,
    object: z.literal('api_key'),
    tenant: z.string(),
    principal: z.string(),
    groups: z.array(z.string()),
    scopes: grants,
    created_at: z.iso.datetime(),
    created_by: recordedMaker
      .nullable()
      .describe(
        'What has made it; null: it was made on the machine, or where nobody is asked for a credential.',
      ),
    expires_at: z.iso.datetime().nullable(),
    old_secret_until: z.iso
      .datetime()
      .nullable()
      .describe('Until when the secret before the last rotation is taken as well; null: it is not.'),
    last_used_at: z.iso.datetime().nullable().describe('To the minute.'),
    revoked_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ApiKey' })
export type ApiKeyResource = z.output<typeof apiKey>

export const madeKey = apiKey
  .extend({ key: z.string().describe('The key itself: shown now, and never again.') })
  .meta({ id: 'MadeApiKey' })
export type MadeKeyResource = z.output<typeof madeKey>

export const apiKeyPage = pageOf(apiKey).meta({ id: 'ApiKeyPage' })
