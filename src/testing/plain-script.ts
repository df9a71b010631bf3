import { outputSchemaOf } from './output-schema-of.ts'
import { sampleOfSchema } from './sample-of-schema.ts'
import type { Script } from './script.ts'

const SCRIPTED = 'This is a scripted answer: no model provider is configured.'

/**
 * The script of an application that has none: each answer says that it is scripted, and quotes the question. Where the answer has to fit
 * a JSON Schema, it is a sample that says so in its texts.
 */
export const plainScript: Script = (request) => {
  const schema = outputSchemaOf(request)
  if (schema !== null) return { text: JSON.stringify(sampleOfSchema(schema, SCRIPTED)) }
  const asked = request.messages.findLast((message) => message.role === 'user')?.text ?? ''
  const quoted = asked.length > 200 ? `${asked.slice(0, 200)}…` : asked
  return { text: `${SCRIPTED} You said: “${quoted}”` }
}
