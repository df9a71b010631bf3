import { usedOf } from '../../../contracts/operator-words.ts'
import type { EventResource } from '../../events/event.schema.ts'
import { type Entry, json, labelled, quoted, under } from './words.ts'

/**
 * An event that no call tells of.
 *
 * @param texts what people have said, by its place in the transcript
 */
export function tellEvent(event: EventResource, texts: ReadonlyMap<number, string>): Entry {
  const [label, text] = told(event)
  const said = event.type === 'message.received' ? texts.get(Number(event.data['message_seq'])) : undefined
  return {
    at: event.at,
    lines: [labelled(label, text), ...(said === undefined ? [] : [under(`"${quoted(said)}"`)])],
  }
}

function told({ type, data }: EventResource): readonly [label: string, text: string] {
  const say = (name: string) => quoted(String(data[name] ?? '?'))
  switch (type) {
    case 'run.queued':
      return [
        'queued',
        data['by'] === undefined ? `for ${say('agent')}` : `for ${say('agent')}, by ${say('by')}`,
      ]
    case 'run.started':
      return ['started', `${say('agent')} ${say('agent_version')}, prompt ${say('prompt_version')}`]
    case 'message.received':
      return ['message', `from ${say('by')}`]
    case 'principal.represented':
      return ['acts for', `${say('by')}: ${json(data['sent_by'] ?? {})}`]
    case 'model.routed':
      return ['routed', `${routedBy(data)}: ${list(data['models'])}`]
    case 'model.reattached':
      return ['reads on', `the answer of ${say('model')}, whose worker is gone`]
    case 'agent.handed_off':
      return ['handoff', `to ${say('to')}`]
    case 'sub_agent.started':
      return ['sub-agent', `${say('agent')} begins: ${say('child_run_id')}`]
    case 'sub_agent.completed':
      return ['sub-agent', `${say('agent')} ends: ${say('status')}`]
    case 'budget.reached':
      return ['budget', `does not cover what is next: ${say('limit')} of ${say('scope')}, ${usedOf(data)}`]
    case 'budget.threshold':
      return ['budget', `${say('limit')} of ${say('scope')} comes near its end: ${usedOf(data)}`]
    case 'budget.changed':
      return ['budget', `changed by ${say('by')}: ${json(data['limits'] ?? {})}`]
    case 'budget.resumed':
      return ['budget', 'covers what is next again']
    case 'models.away':
      return ['waits', `no model answers; until ${say('until')} at most`]
    case 'models.returned':
      return ['goes on', 'models answer again']
    case 'context.compacted':
      return [
        'compacts',
        `shows ${say('messages_kept')} of ${say('messages')} messages from now on (${say('strategy')})`,
      ]
    case 'run.completed':
    case 'run.incomplete':
    case 'run.failed':
    case 'run.cancelled':
    case 'run.expired':
      return ['ends', [data['status'], data['reason'], data['error']].filter(Boolean).map(String).join(', ')]
    case 'turn.rolled_back':
      return ['rolled back', `by ${say('by')}: its messages leave the thread, for ${say('for_run_id')}`]
    case 'run.resumed':
      return ['resumed', `by ${say('by')}`]
    default:
      return ['event', `${type} ${json(data)}`]
  }
}

function routedBy(data: EventResource['data']): string {
  if (data['cause'] !== undefined) return `stronger models, since the answer was ${String(data['cause'])}`
  const rule = data['rule'] === null ? 'no rule holds' : `rule ${quoted(String(data['rule']))}`
  const { classifier } = data
  return classifier === undefined ? rule : `${rule}, classifier ${json(classifier)}`
}

function list(value: unknown): string {
  return quoted(Array.isArray(value) ? value.join(', ') : String(value))
}
