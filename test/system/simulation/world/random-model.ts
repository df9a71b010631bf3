import type { ModelDecision } from '../../../../src/contracts/models/model-call.ts'
import type { PendingToolCall } from '../../../../src/contracts/tools/tool.ts'
import type { Random } from '../random.ts'

/** What a model might decide: an answer, a refusal, or up to four calls, some of which can't be run. */
export function randomModelDecision(
  random: Random,
  offered: readonly string[],
): Pick<ModelDecision, 'stop' | 'toolCalls' | 'preview'> {
  const wantsTools = random.chance(0.75)
  return {
    stop: wantsTools
      ? 'tool_calls'
      : random.pick(['end', 'end', 'end', 'pause', 'refusal', 'max_output_tokens']),
    toolCalls: wantsTools
      ? Array.from({ length: random.below(5) }, (_, index) => randomCall(random, offered, index))
      : [],
    preview: '',
  }
}

function randomCall(random: Random, offered: readonly string[], index: number): PendingToolCall {
  const amount = random.below(120)
  const base = { index, callId: `call_${index}`, argumentsSha256: `sha-of-${amount}` }
  if (offered.length === 0 || random.chance(0.1)) {
    return { ...base, tool: 'no_such_tool', arguments: { amount }, problem: 'tool_unknown' }
  }
  const to = random.pick(['a@ours', 'b@theirs'])
  const args = random.chance(0.1) ? null : random.chance(0.1) ? {} : { amount, to }
  const known = random.chance(0.5) && { firstTime: random.chance(0.5) }
  return { ...base, ...known, tool: random.pick(offered), arguments: args }
}
