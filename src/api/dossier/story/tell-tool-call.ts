import type { ApprovalResource } from '../../approvals/approval.schema.ts'
import type { ToolCallResource } from '../trace.schema.ts'
import { between, duration, type Entry, json, labelled, quoted, under } from './words.ts'

/** What a tool was asked to do, who decided about it, and what came of it. */
export function tellToolCall(call: ToolCallResource): Entry[] {
  const { tool, effect, facts, output, outcome, sub_agent, tries } = call
  const asked: Entry = {
    at: call.requested_at,
    lines: [
      labelled('call', `${quoted(tool)} ${json(call.arguments ?? {})}${again(call)}`),
      ...(facts === undefined ? [] : [under(`facts: ${json(facts)}`)]),
      ...tellVerdict(call),
    ],
  }
  const approvals = call.approvals.flatMap(tellApproval)
  // An event tells of a handoff.
  const isOver = call.status !== 'handed_off' && (outcome !== undefined || call.output !== undefined)
  const ended: Entry = {
    at: call.ended_at ?? call.approvals.at(-1)?.decided_at ?? call.started_at ?? call.requested_at,
    lines: [
      labelled('result', `${quoted(tool)}${effect === undefined ? '' : ` (${effect})`}: ${endOf(call)}`),
      ...(tries === undefined || tries.begun < 2
        ? []
        : [under(`${tries.begun} tries, ${tries.failed} failed`)]),
      ...(sub_agent === undefined
        ? []
        : [under(`sub-agent ${quoted(sub_agent.agent)}, ${sub_agent.status}: ${sub_agent.href}`)]),
      ...(output === undefined ? [] : [under(`"${quoted(output)}"`)]),
    ],
  }
  return [asked, ...approvals, ...(isOver ? [ended] : [])]
}

function tellVerdict({ verdict, outcome }: ToolCallResource): string[] {
  if (outcome?.code === 'tool_not_allowed') return [under('the caller has not what the tool demands')]
  return verdict === undefined || verdict === 'allow' ? [] : [under(VERDICTS[verdict])]
}

const VERDICTS = { ask: 'the rules want a person to decide', deny: 'the rules deny it' } as const

const again = ({ again }: ToolCallResource) => (again === 0 ? '' : `, called again (${again})`)

function endOf({ status, outcome, latency_ms }: ToolCallResource): string {
  if (outcome === undefined) return STATUSES[status] ?? status
  const took = latency_ms === undefined ? '' : ` after ${duration(latency_ms)}`
  return `${OUTCOMES[outcome.status]}${outcome.code === undefined ? '' : ` (${outcome.code})`}${took}`
}

const OUTCOMES = {
  ok: 'done',
  failed: 'failed',
  outcome_unknown: 'nobody knows whether it took effect',
} as const

/** Ends of calls that were never made. */
const STATUSES: Readonly<Record<string, string>> = {
  rejected: 'not made: a person has said no',
  denied: 'not made: denied',
  answered: 'answered by a person in its place',
}

function tellApproval(approval: ApprovalResource): Entry[] {
  const { tool, rule, reason, approvers, quorum, votes, decided_at, requested_at, status, message } = approval
  const who = [...approvers.principals, ...approvers.groups.map((group) => `group ${group}`)]
  const why = reason === 'policy' ? `rule ${rule}` : 'its outcome is unknown'
  const needed = quorum.required > 1 ? `, ${quorum.required} have to agree` : ''
  return [
    {
      at: requested_at,
      lines: [
        labelled('approval', `of ${quoted(tool)} is asked for (${quoted(why)})`),
        under(`may be given by ${quoted(who.join(', ') || 'everybody who decides approvals')}${needed}`),
      ],
    },
    ...votes.map(({ by, decision, at, comment }) => ({
      at,
      lines: [
        labelled(
          'decision',
          `${quoted(by)}: ${decision}${comment === undefined ? '' : `, "${quoted(comment)}"`}`,
        ),
      ],
    })),
    ...(decided_at === undefined
      ? []
      : [
          {
            at: decided_at,
            lines: [
              labelled(
                'approval',
                `of ${quoted(tool)}: ${status}, after ${between(requested_at, decided_at)}`,
              ),
              ...(approval.edited ? [under(`called with ${json(approval.edited.arguments)}`)] : []),
              ...(message === undefined ? [] : [under(`the model is told "${quoted(message)}"`)]),
            ],
          },
        ]),
  ]
}
