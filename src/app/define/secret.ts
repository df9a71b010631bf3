import { z } from 'zod'

/** Stands in zod's own registry, which all copies of zod in a process share. */
const MARK = 'holdfastSecret'

/**
 * A variable whose value is never shown: not in a problem, a log or the console. It may come from a file: with `CORP_TOKEN_FILE`
 * set, `CORP_TOKEN` is what stands in that file.
 *
 * @example
 * setup({ env: z.object({ CORP_URL: z.url(), CORP_TOKEN: secret() }), services: … })
 */
export function secret(): z.ZodString {
  return z
    .string()
    .min(1)
    .meta({ [MARK]: true })
}

/** Whether a schema is a secret, or one with something around it: `secret().min(20).optional()`. */
export function isSecret(schema: z.core.$ZodType): boolean {
  if (z.globalRegistry.get(schema)?.[MARK] === true) return true
  const { innerType, in: input } = schema._zod.def as {
    readonly innerType?: z.core.$ZodType
    readonly in?: z.core.$ZodType
  }
  const inner = innerType ?? input
  return inner !== undefined && isSecret(inner)
}
