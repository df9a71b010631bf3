import { CancellationScope } from '@temporalio/workflow'
import type { WorkflowPlan } from '../../contracts/runs/workflow-plan.ts'
import type { TightenedRule } from '../../contracts/tools/tool.ts'
import {
  addMessage,
  approvalDecision,
  budget,
  type ChangeBuild,
  changeBuild,
  childWaits,
  type KillSwitch,
  killSwitch,
  lookAgain,
  modelsBack,
  tightenPolicy,
} from '../agent-run.messages.ts'
import { childIndex } from '../state/children.ts'
import { currentAgent } from '../state/current-agent.ts'
import type { Occurrence } from '../state/occurrence.ts'
import type { RunState } from '../state/run-state.ts'
import type { BudgetChanges } from './budget-changes.ts'
import type { CommandRunner } from './command-runner.ts'
import type { Decisions } from './decisions.ts'
import {
  isAddMessage,
  isBudgetChange,
  isChangeBuild,
  isChildWaits,
  isDecision,
  isKillSwitch,
  isTightenedRule,
} from './read-message.ts'
import { type Submissions, toBudgetSubmission, toDecisionSubmission } from './submissions.ts'

interface Parts {
  readonly plan: WorkflowPlan
  readonly state: () => RunState
  readonly report: (occurrence: Occurrence) => void
  readonly runner: CommandRunner
  /** Whether the message goes into the queue. False for messages that reached the run before it had one. */
  readonly isQueued: () => boolean
  readonly submissions: Submissions
  readonly decisions: Decisions
  readonly budgetChanges: BudgetChanges
  readonly changeBuild: (asked: ChangeBuild) => void
}

/** Handles a signal by its name. A signal with an unknown name, or of the wrong shape, is dropped. */
export type ReceiveSignal = (name: string, message: unknown) => Promise<void>

export function createReceiver({ plan, state, report, runner, isQueued, ...parts }: Parts): ReceiveSignal {
  const { submissions, decisions, budgetChanges } = parts

  // No case awaits anything before it has reported its signal: signals count in the order in which they are received.
  return async (name, message) => {
    switch (name) {
      case addMessage.name:
        if (!isAddMessage(message)) return
        if (isQueued()) submissions.submit({ type: 'message', id: message.id })
        else report({ type: 'message_added', id: message.id })
        break
      case tightenPolicy.name:
        if (!isTightenedRule(message)) return
        if (isQueued()) submissions.submit({ type: 'tightening', rule: ruleOf(message) })
        else report({ type: 'policy_tightened', rule: message })
        break
      case approvalDecision.name:
        if (!isDecision(message)) return
        if (isQueued()) submissions.submit(toDecisionSubmission(message))
        else
          await uncancellable(async () => {
            const problem = await decisions.accept(message)
            if (problem !== null) await decisions.recordRefusal(message, problem)
          })
        break
      case budget.name:
        if (!isBudgetChange(message)) return
        if (isQueued()) submissions.submit(toBudgetSubmission(message))
        else await uncancellable(() => budgetChanges.accept(message))
        break
      case killSwitch.name:
        if (isKillSwitch(message)) switchOnOrOff(message)
        break
      case lookAgain.name:
        report({ type: 'look_again' })
        break
      case modelsBack.name:
        report({ type: 'models_back' })
        break
      case changeBuild.name:
        if (isChangeBuild(message)) parts.changeBuild(message)
        break
      case childWaits.name: {
        const index = isChildWaits(message) ? childIndex(state(), message.runId) : -1
        if (isChildWaits(message) && index >= 0) report({ type: 'child_waits', index, waits: message.waits })
        break
      }
    }
  }

  function switchOnOrOff({ scope, on, agent }: KillSwitch): void {
    const agents = [plan.agent.name, currentAgent(plan, state()).agent.name]
    if (agent !== undefined && !agents.includes(agent)) {
      // The run may still wait for the switch of a specialist that no longer has it.
      report({ type: 'look_again' })
      return
    }
    const isChange = state().budget.switchedOff.includes(scope) !== on
    report({ type: 'kill_switch', scope, on })
    if (isChange || !isQueued()) runner.signalChildren(killSwitch, { scope, on })
  }
}

/** The rule without other members of the signal: the state must not grow by them. */
function ruleOf({ tool, verdict }: TightenedRule): TightenedRule {
  return { tool, verdict }
}

/** Keeps a cancel out of a handler. There it would be a failure, and that of a signal's handler would end the workflow at once. */
export function uncancellable<T>(handle: () => Promise<T>): Promise<T> {
  return CancellationScope.nonCancellable(handle)
}
