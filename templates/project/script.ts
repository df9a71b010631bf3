import type { Script } from 'holdfast/testing'

/** Answers in place of a model while there is no provider's key. A change holds from the next save on, like one of `app.ts`. */
const script: Script = ({ messages, tools }) => {
  const last = messages.at(-1)
  if (last?.role === 'tool') return { text: `A scripted answer. ${last.tool} gave: ${last.content}` }
  const text = last?.role === 'user' ? last.text : ''
  const number = /P-\d+/.exec(text)?.[0] ?? 'P-1001'
  const address = / to ([^,.]+)/.exec(text)?.[1]
  if (address !== undefined && tools.includes('redirect_parcel')) {
    return { toolCalls: [{ tool: 'redirect_parcel', arguments: { number, address } }] }
  }
  return { toolCalls: [{ tool: 'find_parcel', arguments: { number } }] }
}

export default script
