import { z } from 'zod'

/**
 * A body of server-sent events. OpenAPI 3.1 knows no schema of a stream's entries, so the schema of what stands in their `data`
 * lines is given as that of the text's content.
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
