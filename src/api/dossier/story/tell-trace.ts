import { counted, dollars, usedOf } from '../../../contracts/operator-words.ts'
import type { StepResource, ToolCallResource, TraceResource } from '../trace.schema.ts'
import { tellEvent } from './tell-event.ts'
import { tellModelCall } from './tell-model-call.ts'
import { tellToolCall } from './tell-tool-call.ts'
import { createTimeline, type Timeline } from './timeline.ts'
import { between, dayAndTime, quoted, tokens, under } from './words.ts'

/** A page of a dossier as a text that is read from its beginning to its end: what happened, when, and what it cost. Times are UTC. */
export function tellTrace({ run, said, events, steps, has_more, next }: TraceResource): string {
  const texts = new Map(said.map(({ seq, text }) => [seq, text]))
  const isFirst = events[0]?.type === 'run.queued'
  // A page of one step may be from the middle of the run.
  const hasEnd = !has_more && (steps.at(-1)?.step ?? run.steps) >= run.steps
  const timeline = createTimeline(isFirst ? run.created_at : null)
  const later = new Set(steps.flatMap(({ events }) => events).map(({ data }) => data['message_seq']))
  const input = isFirst ? said.filter(({ seq }) => !later.has(seq)) : []
  const lines = [
    ...headOf(run),
    ...(input.length > 0 ? ['', 'Input', ...input.flatMap(({ text }) => paragraph(text))] : []),
    ...(events.length > 0 ? ['', ...timeline(events.map((event) => tellEvent(event, texts)))] : []),
    ...steps.flatMap((step, at) => {
      const endedAt = steps[at + 1]?.began_at ?? (hasEnd ? run.completed_at : undefined)
      return tellStep(step, { endedAt, timeline, texts })
    }),
    ...(run.output !== undefined && hasEnd ? ['', 'Output', ...paragraph(run.output)] : []),
    ...(has_more ? ['', `Further steps after ${next}.`] : []),
  ]
  return `${lines.join('\n')}\n`
}

function headOf(run: TraceResource['run']): string[] {
  const { usage, created_at: began, completed_at: ended, error } = run
  const cost = usage.cost_micro_usd === null ? 'cost unknown' : dollars(usage.cost_micro_usd)
  const calls = `${counted(usage.model_calls, 'model call')}, ${counted(usage.tool_calls, 'tool call')}`
  const state = [run.status, run.reason, error?.code].filter((word) => word !== undefined).join(', ')
  return [
    `Run ${run.id} of ${quoted(run.agent)} ${quoted(run.agent_version)}, for ${quoted(run.principal)}: ${state}`,
    ...(error === undefined ? [] : [quoted(error.message)]),
    ...waitsOf(run),
    `accepted ${dayAndTime(began)}${startedBy(run)}${ended === undefined ? '' : `, ended after ${between(began, ended)}`}`,
    `${calls}, ${tokens(usage)}, ${cost}`,
    ...(run.parent_run_id === undefined ? [] : [`works for /v1/runs/${run.parent_run_id}/trace`]),
  ]
}

function startedBy({ started_by: by, principal }: TraceResource['run']): string {
  if (by === undefined) return ''
  const isMade = by.type === 'browser_token'
  const what = isMade ? `browser token ${quoted(by.id)} made with ${by.maker.type}` : by.type
  const id = isMade ? by.maker.id : by.id
  return ` by ${what} ${quoted(id)}${by.principal === principal ? '' : ` of ${quoted(by.principal)}`}`
}

/** What a run that stands is waiting for. */
function waitsOf({ required_action: action, waiting_for: away }: TraceResource['run']): string[] {
  if (action?.type === 'approval') return [`waits for a decision: ${action.approvals.join(', ')}`]
  if (action?.type === 'budget') {
    const { scope, limit, expires_at } = action
    return [
      `waits for its budget: ${limit} of ${scope}, ${usedOf(action)}; until ${dayAndTime(expires_at)} at most`,
    ]
  }
  if (away === undefined) return []
  if (away.type === 'thread')
    return [`waits for its turn in ${away.thread_id} since ${dayAndTime(away.since)}`]
  return [`waits for models since ${dayAndTime(away.since)}; until ${dayAndTime(away.until)} at most`]
}

interface Telling {
  /** When the next step began, or the run ended; undefined where that is not known. */
  readonly endedAt: string | undefined
  readonly timeline: Timeline
  readonly texts: ReadonlyMap<number, string>
}

function tellStep(
  { step, agent, began_at, model_calls, tool_calls, events }: StepResource,
  { endedAt, timeline, texts }: Telling,
): string[] {
  const sums = [...(endedAt === undefined ? [] : [between(began_at, endedAt)]), ...costOf(model_calls)]
  return [
    '',
    `Step ${step}, ${quoted(agent)}${sums.length > 0 ? `: ${sums.join(', ')}` : ''}`,
    ...timeline([
      ...model_calls.flatMap(tellModelCall),
      ...tool_calls.flatMap(tellToolCall),
      ...events.map((event) => tellEvent(event, texts)),
    ]),
    ...tool_calls.flatMap(tellNested),
  ]
}

/** What all attempts of a step have cost. */
function costOf(calls: StepResource['model_calls']): string[] {
  const attempts = calls.flatMap(({ attempts }) => attempts)
  if (attempts.length === 0) return []
  const known = attempts.reduce((sum, { cost_micro_usd }) => sum + (cost_micro_usd ?? 0), 0)
  const unknown = attempts.reduce((sum, { unknown_micro_usd }) => sum + unknown_micro_usd, 0)
  return [`${dollars(known)}${unknown === 0 ? '' : ` and up to ${dollars(unknown)} more`}`]
}

function tellNested({ sub_agent }: ToolCallResource): string[] {
  if (sub_agent?.trace === undefined) return []
  return [
    '',
    ...tellTrace(sub_agent.trace)
      .trimEnd()
      .split('\n')
      .map((line) => (line === '' ? '' : `    ${line}`)),
  ]
}

function paragraph(text: string): string[] {
  return text.split(/\r?\n/).map((line) => under(quoted(line)))
}
