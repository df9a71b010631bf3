import type { StepResource, ToolCallResource, TraceResource } from '../trace.schema.ts'
import { tellEvent } from './tell-event.ts'
import { tellModelCall } from './tell-model-call.ts'
import { tellToolCall } from './tell-tool-call.ts'
import { between, counted, dayAndTime, type Entry, money, number, quoted, timed, under } from './words.ts'

/** A page of a dossier as a text that is read from its beginning to its end: what happened, when, and what it cost. Times are UTC. */
export function tellTrace({ run, events, steps, has_more, next }: TraceResource): string {
  const lines = [
    ...headOf(run),
    ...(events.length > 0 ? ['', ...inOrder(events.map(tellEvent))] : []),
    ...steps.flatMap(tellStep),
    ...(run.output !== undefined && !has_more ? ['', 'Output', ...paragraph(run.output)] : []),
    ...(has_more ? ['', `Further steps after ${next}.`] : []),
  ]
  return `${lines.join('\n')}\n`
}

function headOf(run: TraceResource['run']): string[] {
  const { usage, created_at: began, completed_at: ended } = run
  const cost = usage.cost_micro_usd === null ? 'cost unknown' : money(usage.cost_micro_usd)
  const calls = `${counted(usage.model_calls, 'model call')}, ${counted(usage.tool_calls, 'tool call')}`
  const tokens = `${number(usage.input_tokens)} tokens in (${number(usage.cached_input_tokens)} cached), ${number(usage.output_tokens)} out`
  const state = [run.status, run.reason, run.error?.code].filter((word) => word !== undefined).join(', ')
  return [
    `Run ${run.id} of ${quoted(run.agent)} ${quoted(run.agent_version)}, for ${quoted(run.principal)}: ${state}`,
    `accepted ${dayAndTime(began)}${startedBy(run)}${ended === undefined ? '' : `, ended after ${between(began, ended)}`}`,
    `${calls}, ${tokens}, ${cost}`,
    ...(run.parent_run_id === undefined ? [] : [`works for /v1/runs/${run.parent_run_id}/trace`]),
  ]
}

function startedBy({ started_by: by, principal }: TraceResource['run']): string {
  if (by === undefined) return ''
  return ` by ${by.type} ${quoted(by.id)}${by.principal === principal ? '' : ` of ${quoted(by.principal)}`}`
}

function tellStep({ step, agent, model_calls, tool_calls, events }: StepResource): string[] {
  return [
    '',
    `Step ${step}, ${quoted(agent)}`,
    ...inOrder([
      ...model_calls.flatMap(tellModelCall),
      ...tool_calls.flatMap(tellToolCall),
      ...events.map(tellEvent),
    ]),
    ...tool_calls.flatMap(tellNested),
  ]
}

/** By time; what has the same time stays as it stands. */
function inOrder(entries: readonly Entry[]): string[] {
  return entries.toSorted((one, other) => one.at.localeCompare(other.at)).flatMap(timed)
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
