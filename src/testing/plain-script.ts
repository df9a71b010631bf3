import type { Script } from './script.ts'

/** The script of an application that has none: each answer says that it is scripted, and quotes the question. */
export const plainScript: Script = ({ messages }) => {
  const asked = messages.findLast((message) => message.role === 'user')?.text ?? ''
  const quoted = asked.length > 200 ? `${asked.slice(0, 200)}…` : asked
  return {
    text: `This is a scripted answer: no model provider is configured. You said: “${quoted}”`,
  }
}
