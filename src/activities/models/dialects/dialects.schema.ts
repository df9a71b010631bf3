import { z } from 'zod'
import { WIRES } from '../../../contracts/models/model.ts'
import { type DialectOverride, OPTIONAL_PARAMETERS } from '../../../policies/models/dialects.ts'

const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, `is none of ${values.join(', ')}`)

/**
 * The schema of an operator's file. It is strict, since a misspelt name would be a setting without effect.
 *
 * @param providers the names that its rows may have
 */
export const dialectsFile = (providers: readonly string[]) =>
  z.strictObject({
    servers: z.array(
      z.strictObject({
        provider: oneOf(providers),
        wire: oneOf(WIRES).exactOptional(),
        model: z.string('is not text').min(1, 'is empty').exactOptional(),
        outputLimit: oneOf(['max_tokens', 'max_completion_tokens']).exactOptional(),
        cacheControl: oneOf(['request', 'blocks', 'none']).exactOptional(),
        omit: z.array(oneOf(OPTIONAL_PARAMETERS), 'is not a list of parameters').exactOptional(),
        history: oneOf(['full', 'plain']).exactOptional(),
        thoughtSignatures: oneOf(['as_made', 'filled']).exactOptional(),
        structuredOutput: oneOf(['strict', 'schema', 'instructions']).exactOptional(),
      }),
      'is not a list of servers',
    ),
  }) satisfies z.ZodType<{ readonly servers: readonly DialectOverride[] }>
