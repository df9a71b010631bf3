import { z } from 'zod'
import type { PriceOverrides } from '../../../policies/models/price-overrides.ts'

/** A thousand dollars for a thousand tokens: a larger number is a price in another unit. */
const MOST = 1_000_000_000_000

const rate = z
  .int('is not a whole number: prices are micro-USD for a million tokens')
  .min(0, 'is below 0')
  .max(MOST, 'is too much: prices are micro-USD for a million tokens')

const name = z.string('is not text')

/**
 * The schema of an operator's file. It is strict, since a misspelt name would be a price without effect.
 *
 * @param providers the names that its rows may have
 */
export const priceOverridesFile = (providers: readonly string[]) =>
  z
    .strictObject({
      version: name.regex(/^[\w.-]{1,64}$/, 'is not a version: 1 to 64 letters, digits, dots and dashes'),
      models: z.array(
        z.strictObject({
          provider: z.enum(providers, `is none of ${providers.join(', ')}`),
          model: name.regex(/^[\x21-\x7e]{1,200}$/, 'is not a name: 1 to 200 visible ASCII characters'),
          input: rate,
          cachedInput: rate.exactOptional(),
          cacheWrite: rate.exactOptional(),
          output: rate,
        }),
        'is not a list of models',
      ),
    })
    .superRefine(({ models }, context) => {
      const seen = new Set<string>()
      models.forEach(({ provider, model }, index) => {
        const key = `${provider} ${model}`
        if (seen.has(key))
          context.addIssue({ code: 'custom', path: ['models', index, 'model'], message: 'is priced twice' })
        seen.add(key)
      })
    }) satisfies z.ZodType<PriceOverrides>
