import { z } from 'zod'
import type { LimitRow } from '../../../app/define/model-definition.ts'
import { limitProblems, sameLimit } from '../../../app/models/limits.ts'

const text = z.string('is not text')
const number = z.number('is not a number').exactOptional()

/**
 * The schema of an operator's file. It is strict, since a misspelt name would be a limit without effect.
 *
 * @param providers the names that its rows may have
 */
export const providerLimitsFile = (providers: readonly string[]) =>
  z.strictObject({
    limits: z
      .array(
        z
          .strictObject({
            provider: text,
            model: text.exactOptional(),
            tenant: text.exactOptional(),
            requestsPerMinute: number,
            tokensPerMinute: number,
            maxConcurrent: number,
          })
          .superRefine((row, context) => {
            if (!providers.includes(row.provider)) {
              const message = `is none of ${providers.join(', ')}`
              context.addIssue({ code: 'custom', path: ['provider'], message })
            }
            for (const message of limitProblems(row)) context.addIssue({ code: 'custom', message })
          }),
        'is not a list of limits',
      )
      .superRefine((rows, context) => {
        rows.forEach((row, index) => {
          if (rows.slice(0, index).some((other) => sameLimit(other, row)))
            context.addIssue({
              code: 'custom',
              path: [index],
              message: 'is about the same calls as a row before',
            })
        })
      }),
  }) satisfies z.ZodType<{ readonly limits: readonly LimitRow[] }>
