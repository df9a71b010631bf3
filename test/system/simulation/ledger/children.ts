import type { BudgetReached } from '../../../../src/contracts/budgets/budget.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import type { ClosedChild } from '../../../../src/contracts/team/sub-agent.ts'
import type { RunState } from '../../../../src/workflows/state/run-state.ts'
import type { Amounts } from '../world/amounts.ts'
import { BOOKED } from '../world/amounts.ts'
import type { Child } from '../world/in-flight.ts'
import type { RunChild } from '../world/sub-agent.ts'
import { observeBegin } from './calls.ts'
import { callAt, type Ledger, must } from './ledger.ts'
import { countToolCalls } from './limits.ts'
import { toolOf } from './team.ts'
import { mayBegin, observeReturned } from './waits.ts'

/** A sub-agent is asked for: a call like any other, by its pinned plan, under all rules that the run is under. */
export function observeChild(ledger: Ledger, plan: RunPlan, { index, input }: RunChild): void {
  const { budget } = ledger
  mayBegin(ledger, false)
  const call = observeBegin(ledger, input, index)
  must(!call.isTooDear, 'what can never be begun is not tried again')
  const { execution, to = '' } = toolOf(plan, call.tool)
  must(execution === 'child', 'a sub-agent is begun for a tool that is one')
  must(plan.subAgents?.[to] !== undefined, 'a sub-agent is one of the plan')
  must(input.plan === undefined, 'a plan is looked up where it is needed')
  must(same(input.tightened, ledger.tightened), 'a sub-agent is under the rules that came in later')
  must(!ledger.children.has(input.childRunId), 'a sub-agent is begun once')
  ledger.children.add(input.childRunId)
  const atMost = budget.limits.maxToolCalls === undefined ? 0 : Number.POSITIVE_INFINITY
  call.share = input.maxToolCalls ?? atMost
  countToolCalls(ledger, 1 + call.share)
  budget.asked.set(input.childRunId, budget.limits)
}

/** It was not begun: nothing of it counts, and it may be asked for again, unless the run's whole budget is too small for it. */
export function observeChildWithheld(ledger: Ledger, index: number, runId: string, never: boolean): void {
  const call = callAt(ledger, index)
  call.isTooDear = never
  ledger.budget.toolCalls -= 1 + call.share
  call.runs -= 1
  ledger.withheldChildren += 1
  call.inFlight = false
  ledger.children.delete(`${runId}_${ledger.answers}_${index}`)
}

/** Waiting would be of no use: the model is told so, and the run goes on. */
export function observeNever(ledger: Ledger, reached: BudgetReached, after: RunState): void {
  must(after.budget.pause?.reached !== reached, 'what can never be begun is not waited for')
  observeReturned(ledger)
}

/** What it was given beyond what it used comes back. */
export function observeChildFinished(ledger: Ledger, index: number, { usage }: ClosedChild): void {
  const call = callAt(ledger, index)
  const { usage: total, budget } = ledger
  budget.toolCalls += usage.toolCalls - call.share
  must(call.share === 0 || usage.toolCalls <= call.share, 'a sub-agent is held to its share of tool calls')
  call.inFlight = false
  call.finished = true
  call.answered = true
  ledger.usage = {
    inputTokens: total.inputTokens + usage.inputTokens,
    cachedInputTokens: total.cachedInputTokens + usage.cachedInputTokens,
    outputTokens: total.outputTokens + usage.outputTokens,
    modelCalls: total.modelCalls + usage.modelCalls,
    toolCalls: total.toolCalls + usage.toolCalls + 1,
    costMicroUsd:
      total.costMicroUsd === null || usage.costMicroUsd === null
        ? null
        : total.costMicroUsd + usage.costMicroUsd,
  }
  observeReturned(ledger)
}

/** Where the run has a limit, a sub-agent keeps to the part of it that was set aside. */
export function observeChildSpent(
  ledger: Ledger,
  { input }: RunChild,
  { limits }: Child,
  used: Amounts,
): void {
  const asked = ledger.budget.asked.get(input.childRunId) ?? {}
  for (const { name, max } of BOOKED) {
    if (asked[max] === undefined) continue
    must(used[name] <= (limits[max] ?? -1), 'a sub-agent is held to its share')
  }
}

function same(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
}
