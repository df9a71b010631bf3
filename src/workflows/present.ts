import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow'
import { hopsOf, usualHops } from '../contracts/models/chains.ts'
import { asMarkdown, cutText } from '../contracts/operator-text.ts'
import type { RunStatus } from '../contracts/runs/run.ts'
import type { WorkflowPlan } from '../contracts/runs/workflow-plan.ts'
import { describeArguments } from '../contracts/tools/describe-arguments.ts'
import { STATUS_ATTRIBUTE } from './agent-run.messages.ts'
import { bookedLimits, stepLimit } from './state/budgets/usable-limits.ts'
import { currentAgent } from './state/current-agent.ts'
import type { ModelWait } from './state/models/models-state.ts'
import { isRouteDue } from './state/models/route.ts'
import { isWaiting, type RunState, waitsForBudget } from './state/run-state.ts'
import { type CallState, waitsForPerson } from './state/tools/call-state.ts'

/** Keeps the Web UI in step with the state: the current details, and the status by which the run is found. */
export function createPresenter(plan: WorkflowPlan): (state: RunState) => void {
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
  const waits = waitsForBudget(state) || state.calls.some(waitsForPerson)
  return state.ending === null && waits ? 'requires_action' : 'in_progress'
}

/** A short table in Markdown; the Web UI renders it. */
function details(plan: WorkflowPlan, state: RunState): string {
  const { usage, step } = state
  const rows = [
    ['status', `**${statusOf(state)}**${state.ending?.reason ? ` (${state.ending.reason})` : ''}`],
    ['step', `${step} of at most ${stepLimit(plan, state)}`],
    ['doing', doing(plan, state)],
    [
      'calls',
      `${usage.modelCalls} of models (last served by ${asMarkdown(state.servedBy ?? 'none yet')}), ${usage.toolCalls} of tools`,
    ],
    ['tokens', `${usage.inputTokens} in (${usage.cachedInputTokens} cached), ${usage.outputTokens} out`],
    ['agent', state.speaker ?? plan.agent.name],
    ...routeRow(plan, state),
    ['cost', dollars(usage.costMicroUsd)],
    ...contextRows(state),
    ...budgetRows(plan, state),
  ]
  return ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n')
}

function doing(plan: WorkflowPlan, state: RunState): string {
  if (state.phase === 'closed') return 'nothing, the run has ended'
  if (state.ending !== null) return 'ending'
  if (state.phase === 'opening') return 'opening'
  if (waitsForBudget(state)) return `waits for its budget: ${describeReached(state)}`
  const { wait, tries } = state.models
  if (wait !== null) return describeModelWait(wait, tries)
  if (state.context.stage !== 'idle') return 'compacting the transcript'
  if (state.phase === 'thinking') {
    if (isRouteDue(plan, state)) return 'choosing its models'
    return `asking ${hopsOf(currentAgent(plan, state))[state.turn.hop]?.model ?? 'a model'}`
  }
  const open = state.calls.filter(({ stage }) => stage !== 'done')
  const waiting = isWaiting(state) ? 'waits for a person: ' : ''
  return waiting + open.map(describeCall).join('; ')
}

/** How much of the transcript the last compaction has left to be shown. */
function contextRows({ context: { shown } }: RunState): string[][] {
  return shown === null
    ? []
    : [['context', `keeps ${shown.kept} of ${shown.of} messages since it was compacted`]]
}

/** Which rule chose the models of the current agent, where rules do. */
function routeRow(plan: WorkflowPlan, state: RunState): string[][] {
  const agent = currentAgent(plan, state)
  const chosen = state.routes[agent.agent.name]
  if (chosen === undefined) return []
  const { first, end } = usualHops(agent, chosen.route)
  const models = hopsOf(agent).slice(first, end)
  const why = chosen.rule ?? 'no rule holds'
  return [['models', `${why}: ${models.map(({ model }) => asMarkdown(model)).join(', ')}`]]
}

/** What the run has spent of the limits of its present mode; attempts of unknown cost count with their worst case. */
function budgetRows(plan: WorkflowPlan, state: RunState): string[][] {
  const { maxCostMicroUsd, maxTokens } = bookedLimits(plan, state)
  const { spent, mode } = state.budget
  const suffix = mode === 'usual' ? '' : ` (${mode})`
  return [
    ...(maxCostMicroUsd === undefined
      ? []
      : [['budget', `${dollars(spent.costMicroUsd)} of ${dollars(maxCostMicroUsd)}${suffix}`]]),
    ...(maxTokens === undefined ? [] : [['budget of tokens', `${spent.tokens} of ${maxTokens}${suffix}`]]),
  ]
}

function dollars(microUsd: number | null): string {
  return microUsd === null ? 'price unknown' : `${(microUsd / 1e6).toFixed(6)} USD`
}

function describeReached({ budget: { pause } }: RunState): string {
  if (pause === null) return ''
  const { scope, limit, period, allowed, used, resetsAt } = pause.reached
  if (limit === 'kill_switch') return `the kill switch of the ${scope} is on`
  const whose = scope === 'run' ? "the run's" : `the ${scope}'s`
  const numbers = limit === 'cost' ? `${dollars(used)} of ${dollars(allowed)}` : `${used} of ${allowed}`
  const until = resetsAt === undefined ? '' : `, until ${resetsAt}`
  return `${whose} ${limit.replaceAll('_', ' ')}${period ? ` of the ${period}` : ''}, ${numbers} used${until}`
}

function describeModelWait(wait: ModelWait, tries: number): string {
  const at = (ms: number) => new Date(ms).toISOString()
  const next = wait.probing ? 'trying now' : `next try at ${at(wait.nextTryAtMs)}`
  return `waits for a model to answer since ${at(wait.sinceMs)}, until ${at(wait.untilMs)} at most; tried again ${tries} times, ${next}`
}

const ARGUMENT_CHARACTERS = 300

function describeCall({ tool, arguments: args, stage, approval }: CallState): string {
  const shown = cutText(`${tool}(${describeArguments(args)}`, ARGUMENT_CHARACTERS)
  const where = stage === 'waiting' && approval !== null ? `approval \`${approval.id}\`` : stage
  return `${asMarkdown(shown)}), ${where}`
}
