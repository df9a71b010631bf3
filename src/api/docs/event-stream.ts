import { z } from 'zod'

/**
 * Schema of a body of server-sent events. OpenAPI 3.1 has no schema for a stream's entries, so the text's `contentSchema` describes their
 * `data` lines.
 *
 * @param entries schemas that stand among the document's components, under the `id` of their metadata
 */
export function eventStream(description: string, ...entries: readonly z.ZodType[]) {
  const refs = entries.map((entry) => ({ $ref: `#/components/schemas/${entry.meta()?.id}` }))
  return z
    .string()
    .describe(description)
    .meta({
      contentMediaType: 'text/event-stream',
      contentSchema: refs.length === 1 ? refs[0] : { anyOf: refs },
    })
}
