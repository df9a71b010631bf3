import type { KnownModelCall } from '../../../../src/activities/models/find-planned-call.ts'
import type { AnswerFault } from '../../../../src/contracts/models/answer.ts'
import type { ModelDecision } from '../../../../src/contracts/models/model-call.ts'
import type { Random } from '../random.ts'

/** What may be wrong with an answer, as the activity finds it by the plan. */
export function faultOf(
  random: Random,
  { output, continues, escalatesRefusal }: KnownModelCall,
  { stop, toolCalls }: Pick<ModelDecision, 'stop' | 'toolCalls'>,
): { readonly fault?: AnswerFault } {
  if (stop === 'max_output_tokens') {
    return continues ? { fault: { problem: random.pick(['cut_off', 'call_cut_off'] as const) } } : {}
  }
  if (stop === 'refusal' && escalatesRefusal) return { fault: { problem: 'refused' } }
  const isMisfit = stop === 'end' && toolCalls.length === 0 && output !== undefined && random.chance(0.5)
  return isMisfit ? { fault: { problem: 'output_invalid', misfits: 1 + random.below(3) } } : {}
}
