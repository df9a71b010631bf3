import { CancellationScope } from '@temporalio/workflow'
import type { TightenedRule } from '../../contracts/tool.ts'
import type { WorkflowPlan } from '../../contracts/workflow-plan.ts'
import {
  addMessage,
  approvalDecision,
  budget,
  childWaits,
  type KillSwitch,
  killSwitch,
  lookAgain,
  tightenPolicy,
} from '../agent-run.messages.ts'
import { childIndex } from '../state/children.ts'
import { currentAgent } from '../state/current-agent.ts'
import type { Occurrence } from '../state/occurrence.ts'
import type { RunState } from '../state/run-state.ts'
import type { CommandRunner } from './command-runner.ts'
import type { Decisions } from './decisions.ts'
import {
  isAddMessage,
  isBudgetChange,
  isChildWaits,
  isDecision,
  isKillSwitch,
  isTightenedRule,
} from './read-message.ts'
import { type Submissions, toBudgetSubmission, toDecisionSubmission } from './submissions.ts'
import type { TopUps } from './top-ups.ts'

interface Parts {
  readonly plan: WorkflowPlan
  readonly state: () => RunState
  readonly take: (occurrence: Occurrence) => void
  readonly runner: CommandRunner
  /** False for what came to a run before it had a queue. */
  readonly isQueued: () => boolean
  readonly submissions: Submissions
  readonly decisions: Decisions
  readonly topUps: TopUps
}

/** Handles a signal by its name. One that is unknown, or has another shape than its name wants, is dropped. */
export type ReceiveSignal = (name: string, message: unknown) => Promise<void>

export function createReceiver({ plan, state, take, runner, isQueued, ...parts }: Parts): ReceiveSignal {
  const { submissions, decisions, topUps } = parts

  // Nothing stands before the first `await` of a case: signals are taken in the order in which they are received.
  return async (name, message) => {
    switch (name) {
      case addMessage.name:
        if (!isAddMessage(message)) return
        if (isQueued()) submissions.submit({ type: 'message', id: message.id })
        else take({ type: 'message_added', id: message.id })
        break
      case tightenPolicy.name:
        if (!isTightenedRule(message)) return
        if (isQueued()) submissions.submit({ type: 'tightening', rule: ruleOf(message) })
        else take({ type: 'policy_tightened', rule: message })
        break
      case approvalDecision.name:
        if (!isDecision(message)) return
        if (isQueued()) submissions.submit(toDecisionSubmission(message))
        else
          await undisturbed(async () => {
            const problem = await decisions.accept(message)
            if (problem !== null) await decisions.recordRefusal(message, problem)
          })
        break
      case budget.name:
        if (!isBudgetChange(message)) return
        if (isQueued()) submissions.submit(toBudgetSubmission(message))
        else await undisturbed(() => topUps.accept(message))
        break
      case killSwitch.name:
        if (isKillSwitch(message)) switchOnOrOff(message)
        break
      case lookAgain.name:
        take({ type: 'look_again' })
        break
      case childWaits.name: {
        const index = isChildWaits(message) ? childIndex(state(), message.runId) : -1
        if (isChildWaits(message) && index >= 0) take({ type: 'child_waits', index, waits: message.waits })
        break
      }
    }
  }

  function switchOnOrOff({ scope, on, agent }: KillSwitch): void {
    const agents = [plan.agent.name, currentAgent(plan, state()).agent.name]
    if (agent !== undefined && !agents.includes(agent)) {
      // A run that waits for a specialist's switch may be another's now.
      take({ type: 'look_again' })
      return
    }
    const isNews = state().budget.switchedOff.includes(scope) !== on
    take({ type: 'kill_switch', scope, on })
    if (isNews || !isQueued()) runner.signalChildren(killSwitch, { scope, on })
  }
}

/** Without whatever else a signal may carry: it stands in the state. */
function ruleOf({ tool, verdict }: TightenedRule): TightenedRule {
  return { tool, verdict }
}

/** A cancel is the reducer's to hear. In a handler it would be a failure, and that of a signal's ends the workflow at once. */
export function undisturbed<T>(handle: () => Promise<T>): Promise<T> {
  return CancellationScope.nonCancellable(handle)
}
