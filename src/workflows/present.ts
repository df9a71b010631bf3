import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow'
import type { RunPlan } from '../contracts/plan.ts'
import type { RunStatus } from '../contracts/run.ts'
import { STATUS_ATTRIBUTE } from './agent-run.messages.ts'
import { type CallState, isWaiting, type RunState } from './state/run-state.ts'
import { brief } from './steps/summary.ts'

/** Keeps what an operator sees in the Web UI in step with the state: current details, and the status to search for. */
export function createPresenter(plan: RunPlan): (state: RunState) => void {
  let shown: RunStatus = 'in_progress'
  return (state) => {
    setCurrentDetails(details(plan, state))
    const status = statusOf(state)
    if (status === shown) return
    // An upsert is an event of history, so it is made only when the status itself changes.
    upsertSearchAttributes([{ key: STATUS_ATTRIBUTE, value: status }])
    shown = status
  }
}

export function statusOf(state: RunState): RunStatus {
  if (state.phase === 'closed' && state.ending) return state.ending.status
  return state.ending === null && state.calls.some(({ stage }) => stage === 'waiting')
    ? 'requires_action'
    : 'in_progress'
}

/** A short table in Markdown; the Web UI renders it. */
function details(plan: RunPlan, state: RunState): string {
  const { usage, step } = state
  const rows = [
    ['status', `**${statusOf(state)}**${state.ending?.reason ? ` (${state.ending.reason})` : ''}`],
    ['step', `${step} of at most ${plan.limits.maxSteps}`],
    ['doing', doing(plan, state)],
    [
      'calls',
      `${usage.modelCalls} of models (last served by ${state.servedBy ?? 'none yet'}), ${usage.toolCalls} of tools`,
    ],
    ['tokens', `${usage.inputTokens} in (${usage.cachedInputTokens} cached), ${usage.outputTokens} out`],
    ['cost', usage.costMicroUsd === null ? 'price unknown' : `$${(usage.costMicroUsd / 1e6).toFixed(6)}`],
  ]
  return ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n')
}

function doing(plan: RunPlan, state: RunState): string {
  if (state.phase === 'closed') return 'nothing, the run has ended'
  if (state.ending !== null) return 'ending'
  if (state.phase === 'opening') return 'opening'
  if (state.phase === 'thinking') return `asking ${plan.chain[state.turn.hop]?.model ?? 'a model'}`
  const open = state.calls.filter(({ stage }) => stage !== 'done')
  const waiting = isWaiting(state) ? 'waits for a person: ' : ''
  return waiting + open.map(describeCall).join('; ')
}

const ARGUMENT_CHARACTERS = 200

function describeCall({ tool, arguments: args, stage, approval }: CallState): string {
  const text = brief(args)
  const cut = text.length > ARGUMENT_CHARACTERS ? `${text.slice(0, ARGUMENT_CHARACTERS)}…` : text
  const shown = cut.replaceAll('|', '\\|')
  const where = stage === 'waiting' && approval !== null ? `approval \`${approval.id}\`` : stage
  return `${tool}(${shown}), ${where}`
}
