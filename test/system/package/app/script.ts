import type { Script, ScriptedReply } from 'holdfast/testing'

/** The models of `holdfast dev` without a key: reception asks for the rules and hands over, the cashier pays back. */
const script: Script = ({ messages, tools }): ScriptedReply => {
  const results = messages.filter((message) => message.role === 'tool')
  const has = (tool: string) => results.some((message) => message.tool === tool)
  if (tools.includes('refund')) {
    if (!has('find_booking')) return { toolCalls: [{ tool: 'find_booking', arguments: { booking: 'B-1' } }] }
    if (!has('refund'))
      return { toolCalls: [{ tool: 'refund', arguments: { booking: 'B-1', cents: 6_000 } }] }
    return { text: 'You have 60 euros back.' }
  }
  if (!tools.includes('ask_rules')) return { text: 'The rules say nothing about it.' }
  if (!has('ask_rules')) return { toolCalls: [{ tool: 'ask_rules', arguments: { task: 'Leaving early' } }] }
  return { toolCalls: [{ tool: 'handoff_to_cashier', arguments: { reason: 'A refund' } }] }
}

export default script
