import { z } from 'zod'
import { RUN_WEBHOOK_EVENTS, WEBHOOK_EVENTS } from '../../contracts/webhooks/webhook.ts'
import { WEBHOOK_LIMITS } from '../../policies/operations/webhooks.ts'
import { WEBHOOK_SECRET } from '../../security/webhooks/webhook-signature.ts'
import { recordedCredential } from '../access/credential.schema.ts'
import { pageOf } from '../http/paging/paging.schema.ts'
import { runId, webhookId } from '../http/requests/ids.schema.ts'
import { text } from '../http/requests/text.schema.ts'

const url = text(WEBHOOK_LIMITS.urlCharacters)
  .min(1)
  .describe('An https URL of the public internet, without a name or password.')
  .meta({ format: 'uri' })

const events = z.array(z.enum(WEBHOOK_EVENTS)).min(1).max(WEBHOOK_EVENTS.length).describe('What it is told.')

export const newWebhookBody = z.strictObject({ url, events }).meta({
  id: 'NewWebhook',
  examples: [{ url: 'https://hooks.corp.example/holdfast', events: ['run.completed', 'run.failed'] }],
})

export const changeWebhookBody = z
  .strictObject({
    url: url.optional(),
    events: events.optional(),
    enabled: z
      .boolean()
      .optional()
      .describe('A disabled webhook is sent nothing, and misses what happens meanwhile.'),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'Must change something.')
  .meta({ id: 'WebhookChange', minProperties: 1, examples: [{ enabled: false }] })

/** The body is optional, and so is everything in it. */
export const rotateBody = z
  .strictObject({
    expire_previous_in_ms: z
      .int()
      .min(0)
      .max(WEBHOOK_LIMITS.longestOverlapMs)
      .default(WEBHOOK_LIMITS.overlapMs)
      .describe('How long the secrets from before sign as well.')
      .meta({ default: WEBHOOK_LIMITS.overlapMs }),
  })
  .optional()

/** What a run's own webhook is, in the body that starts it. */
export const runWebhook = z.strictObject({
  url,
  events: z
    .array(z.enum(RUN_WEBHOOK_EVENTS))
    .min(1)
    .max(RUN_WEBHOOK_EVENTS.length)
    .optional()
    .describe('All of them where they are left out.'),
  secret: z
    .string()
    .regex(WEBHOOK_SECRET, 'Must be `whsec_` and 24 to 64 bytes in base64.')
    .describe("What its deliveries are signed with: the caller's choice, and never shown again."),
})
export type RunWebhookBody = z.output<typeof runWebhook>

export const webhook = z
  .strictObject({
    id: webhookId,
    object: z.literal('webhook'),
    url: z.string(),
    events: z.array(z.enum(WEBHOOK_EVENTS)),
    run_id: runId.nullable().describe('The run that it was given with, whose events alone it is told.'),
    enabled: z.boolean(),
    disabled_reason: z
      .enum(['gone', 'caller'])
      .nullable()
      .describe('`gone`: it has answered 410. `caller`: somebody has disabled it.'),
    disabled_at: z.iso.datetime().nullable(),
    secrets: z
      .array(
        z.strictObject({
          created_at: z.iso.datetime(),
          created_by: recordedCredential
            .nullable()
            .describe('Who knows it: what has made it, or chosen it for a run.'),
          expires_at: z.iso.datetime().nullable().describe('null: until the next rotation.'),
        }),
      )
      .describe('Those that sign, the newest first.'),
    created_by: recordedCredential
      .nullable()
      .describe(
        'What has made it; null: it was made where nobody is asked for a credential, or by a build that kept none.',
      ),
    created_at: z.iso.datetime(),
    updated_by: recordedCredential
      .nullable()
      .describe('What has changed its URL, its events or `enabled` last; null where nothing has.'),
    updated_at: z.iso.datetime().describe('When that was; without a change, when it was made.'),
  })
  .meta({ id: 'Webhook' })
export type WebhookResource = z.output<typeof webhook>

export const madeWebhook = webhook
  .extend({
    secret: z.string().describe('`whsec_…`, to verify deliveries with: shown now, and never again.'),
  })
  .meta({ id: 'MadeWebhook' })

export const webhookPage = pageOf(webhook).meta({ id: 'WebhookPage' })
