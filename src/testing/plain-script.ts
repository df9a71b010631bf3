import type { Script } from './script.ts'

/** Says that it is scripted and repeats what it was asked: what an agent without a script of its own answers. */
export const plainScript: Script = ({ messages }) => {
  const asked = messages.findLast((message) => message.role === 'user')?.text ?? ''
  const quoted = asked.length > 200 ? `${asked.slice(0, 200)}…` : asked
  return {
    text: `This is a scripted answer: no model provider is configured. You said: “${quoted}”`,
  }
}
