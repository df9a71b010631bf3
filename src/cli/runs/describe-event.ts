import type { RunEvent } from '../../contracts/events/event.ts'
import { visible } from '../../contracts/operator-text.ts'
import { usedOf } from '../../contracts/operator-words.ts'

interface Event {
  readonly type: RunEvent['type']
  readonly data: Readonly<Record<string, unknown>>
}

type ToolCall = { readonly tool: string; readonly arguments: unknown }

/** A line for a person about one event of a run; null for an event that is not shown. */
export function describeEvent(event: Event): string | null {
  const line = lineOf(event)
  return line === null ? null : visible(line)
}

function lineOf({ type, data }: Event): string | null {
  switch (type) {
    case 'run.queued':
      return `queued     for ${data['agent']}${data['by'] === undefined ? '' : `, by ${data['by']}`}`
    case 'run.started':
      return `started    agent ${data['agent']} ${data['agent_version']}, prompt ${data['prompt_version']}`
    case 'model.routed':
      return `models     ${short(data['models'])} (${data['rule'] ?? 'no rule holds'})`
    case 'model.completed':
      return `model      ${data['served_by']} ${describeAnswer(data)}`
    case 'model.failed':
      return `model      ${data['model']} did not answer (${data['code']})`
    case 'tool.completed':
      return `tool       ${data['tool']}: ${short(data['preview'])}`
    case 'tool.failed':
      return `tool       ${data['tool']} failed (${data['code']}): ${short(data['preview'])}`
    case 'approval.requested':
      return `approval   ${data['tool']} waits for approval (rule ${data['rule']}, ${data['approval_id']})`
    case 'approval.voted':
      return `approval   ${data['by']} says ${data['decision']} (${data['approval_id']})`
    case 'approval.escalated':
      return `approval   goes to others, since nobody has decided (${data['approval_id']})`
    case 'approval.reminded':
      return `approval   still waits (${data['approval_id']})`
    case 'approval.refused':
      return `approval   decision of ${data['by'] || 'somebody'} is refused: ${data['code']} (${data['approval_id'] || 'no approval'})`
    case 'approval.decided':
      return `approval   ${data['status']} by ${data['by']} (${data['approval_id']})`
    case 'agent.handed_off':
      return `handoff    to ${data['to']}`
    case 'sub_agent.started':
      return `sub-agent  ${data['agent']} begins`
    case 'sub_agent.completed':
      return `sub-agent  ${data['status']}`
    case 'budget.reached':
      return `budget     does not cover the next step (${data['scope']}, ${data['limit']}: ${usedOf(data)})`
    case 'budget.resumed':
      return 'budget     goes on'
    case 'budget.changed':
      return `budget     changed by ${data['by']}`
    case 'models.away':
      return `models     none answers; waits until ${data['until']} at most`
    case 'models.returned':
      return 'models     answer again'
    case 'context.compacted':
      return `context    shows ${data['messages_kept']} of ${data['messages']} messages from now on (${data['strategy']})`
    case 'run.resumed':
      return `resumed    by ${data['by']}`
    default:
      return null
  }
}

function describeAnswer(data: Event['data']): string {
  const calls = data['tool_calls'] as unknown as readonly ToolCall[]
  if (calls.length === 0) return 'answers'
  return `asks for ${calls.map((call) => `${call.tool} ${short(JSON.stringify(call.arguments))}`).join(', ')}`
}

const WIDTH = 96

function short(value: unknown): string {
  const text = String(value ?? '').replaceAll(/\s+/g, ' ')
  return text.length > WIDTH ? `${text.slice(0, WIDTH - 1)}…` : text
}
