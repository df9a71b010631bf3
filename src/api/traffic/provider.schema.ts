import { z } from 'zod'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import { pageOf } from '../http/paging/paging.schema.ts'
import { text } from '../http/requests/text.schema.ts'

export const breakerParams = z.strictObject({
  provider: text(REQUEST_LIMITS.providerCharacters).min(1).describe('As `/v1/providers` lists it.'),
  model: text(REQUEST_LIMITS.modelCharacters)
    .min(1)
    .describe('Percent-encoded: names of models may have slashes.'),
})

export const breakerBody = z
  .strictObject({
    state: z
      .enum(['open', 'closed', 'auto'])
      .describe(
        '`open`: no call is made. `closed`: calls are made, whatever those before came to; a pause that the provider has asked for (`held_until`) ends. `auto`: as the calls come to.',
      ),
  })
  .meta({ id: 'NewBreakerState', examples: [{ state: 'open' }] })

const count = z.int().min(0)
const time = z.iso.datetime()

const counted = {
  code: z.string().describe('The failure that opened it.'),
  failures: count.describe('Failures among the calls that were counted.'),
  calls: count,
}

export const breaker = z
  .strictObject({
    object: z.literal('breaker'),
    provider: z.string(),
    model: z.string(),
    state: z
      .enum(['closed', 'open', 'half_open'])
      .describe('`half_open`: a few calls are let through as probes. When they are answered, it closes.'),
    since: time.nullable().describe('null where it has always been closed.'),
    reason: z
      .strictObject(counted)
      .nullable()
      .describe('Why it is open; null where it is not open by its calls.'),
    probe_at: time
      .nullable()
      .describe('When probes are let through; null where it is not open by its calls.'),
    forced: z
      .strictObject({ state: z.enum(['open', 'closed']), by: z.string().nullable(), at: time })
      .nullable()
      .describe('Set by an operator, whom `by` names to operators; null where it goes by the calls.'),
    reports: z
      .array(z.strictObject({ worker: z.string(), ...counted, at: time }))
      .optional()
      .describe(
        'Workers that have opened it for themselves. Enough of them open it for all. Left out for whoever is no operator.',
      ),
  })
  .meta({ id: 'Breaker' })
export type BreakerResource = z.output<typeof breaker>

export const provider = z
  .strictObject({
    object: z.literal('provider'),
    name: z.string(),
    models: z.array(
      z.strictObject({
        name: z.string(),
        breaker,
        held_until: time
          .nullable()
          .describe(
            'No worker asks the model before, since its provider has asked for a pause (`Retry-After`), of which 10 minutes are kept at most. null: it is not held. `closed` for its breaker ends it.',
          ),
      }),
    ),
    limits: z
      .array(
        z.strictObject({
          model: z.string().nullable().describe('null: all models of the provider together.'),
          tenant: z.string().nullable().describe('null: all tenants together.'),
          unit: z.enum(['requests', 'tokens']),
          per_minute: count,
          left: z.int().describe('What calls find now. Below 0: a call has used more than was left.'),
          holds: count.describe('The most that can be left, after a quiet time.'),
        }),
      )
      .describe("Limits that calls have lately met: those of all tenants together, and this tenant's."),
    workers: z
      .array(
        z.strictObject({
          worker: z.string(),
          model: z
            .string()
            .nullable()
            .describe('null: all models of the provider that are not counted apart.'),
          limit: count.describe(
            'Calls that the worker has at the same time at most. It follows what the provider takes.',
          ),
          in_flight: count,
          waiting: count,
        }),
      )
      .optional()
      .describe(
        'Calls at the same time, as the workers have last said: every 10 seconds. Left out for whoever is no operator.',
      ),
  })
  .meta({ id: 'Provider' })
export type ProviderResource = z.output<typeof provider>

export const providerPage = pageOf(provider).meta({ id: 'ProviderPage' })
