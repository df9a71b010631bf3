import { z } from 'zod'

/**
 * Schema of a body of server-sent events. OpenAPI 3.1 has no schema for a stream's entries, so the text's `contentSchema` describes their
 * `data` lines.
 *
 * @param entries names of schemas in the document's components
 */
export function eventStream(description: string, ...entries: readonly string[]) {
  return z
    .string()
    .describe(description)
    .meta({
      contentMediaType: 'text/event-stream',
      contentSchema: { anyOf: entries.map((name) => ({ $ref: `#/components/schemas/${name}` })) },
    })
}
