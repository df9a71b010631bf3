import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { Occurrence } from '../../../../src/workflows/state/occurrence.ts'
import { judgeAgain, settleHandoff } from './calls.ts'
import { callAt, type Ledger, must } from './ledger.ts'
import { toolOf } from './team.ts'

/** Something of a call is looked up: what its tool wants known, while it is not. */
export function observeLookUp(ledger: Ledger, plan: RunPlan, index: number): void {
  const call = callAt(ledger, index)
  const { facts, approvers } = toolOf(plan, call.tool)
  const wantsFacts = facts === true && call.found === null
  const wantsApprovers = approvers === true && call.found?.approvers === undefined && call.verdict === 'ask'
  must(wantsFacts || wantsApprovers, 'only what is not known is looked up')
  must(
    !call.lookingUp && call.runs === 0 && !call.answered,
    'a call is looked up before it is made, and once',
  )
  call.lookingUp = true
}

/** By what is known now the rules are asked, those included that came in meanwhile. */
export function observeLookedUp(
  ledger: Ledger,
  plan: RunPlan,
  { index, found }: Extract<Occurrence, { type: 'call_looked_up' }>,
): void {
  const call = callAt(ledger, index)
  call.lookingUp = false
  if (found === null) {
    call.answered = true
    return
  }
  const tool = toolOf(plan, call.tool)
  if (tool.facts && call.found === null) ledger.judgedByFacts += 1
  call.found = found
  call.verdict = judgeAgain(ledger, tool, { ...call.asked, facts: found.facts })
  settleHandoff(ledger, plan, call)
}
