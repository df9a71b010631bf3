import { z } from 'zod'
import { APPROVAL_STATUSES, DECISIONS } from '../../contracts/approvals/approval.ts'
import { EFFECTS } from '../../contracts/tools/tool.ts'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import { principalName } from '../access/key.schema.ts'
import { cursor, limit, pageOf } from '../http/paging/paging.schema.ts'
import { approvalId, runId } from '../http/requests/ids.schema.ts'
import { preferWait } from '../http/requests/request-headers.schema.ts'
import { text } from '../http/requests/text.schema.ts'

const args = z.record(z.string(), z.unknown())
const groups = z.array(z.string())

export const approval = z
  .strictObject({
    id: approvalId,
    object: z.literal('approval'),
    run_id: runId,
    agent: z.string(),
    requester: z.string().describe('The principal that the run acts for.'),
    step: z.int(),
    tool: z.string(),
    effect: z.enum(EFFECTS),
    arguments: args,
    arguments_sha256: z
      .string()
      .describe(
        'A decision repeats it, so that it is about what is shown here and nothing else. The hash of the arguments; with `facts`, of `{ "arguments": …, "facts": … }`.',
      ),
    facts: args
      .optional()
      .describe(
        'What the tool has looked up of the call before anybody was asked. Absent where it looks up nothing.',
      ),
    argument_origins: z
      .record(z.string(), z.string())
      .optional()
      .describe(
        'Where each text or number in the arguments was seen before, by JSON pointer: `user`, `user:<name>` for a message of somebody other than the requester, `tool:<name>`, or `model` where it was not. Only when one approval is asked for.',
      ),
    edited: z
      .strictObject({ arguments: args, arguments_sha256: z.string() })
      .optional()
      .describe('What the tool is called with, where a person has changed the arguments.'),
    reason: z
      .enum(['policy', 'outcome_unknown'])
      .describe(
        'A rule wants a person, or a call may have happened already: approving it then means "call again".',
      ),
    rule: z.string().describe('Name of the rule that asked.'),
    status: z.enum(APPROVAL_STATUSES),
    allowed_decisions: z.array(z.enum(DECISIONS)).describe('Empty once it is decided.'),
    approvers: z
      .strictObject({ principals: z.array(z.string()), groups })
      .describe(
        'Who may decide now: these people, and members of these groups. Both empty means everybody who may decide approvals.',
      ),
    quorum: z.strictObject({
      required: z.int().describe('People who have to agree.'),
      of: groups.describe('Groups whose members may decide now, as in `approvers`.'),
      distinct: z.literal(true),
      exclude_requester: z.boolean(),
      rejection: z
        .enum(['ends', 'votes'])
        .describe('One rejection is the end of it, or it takes as many as an approval.'),
    }),
    votes: z.array(
      z.strictObject({
        by: z.string(),
        decision: z.enum(DECISIONS),
        at: z.iso.datetime(),
        comment: z.string().optional(),
      }),
    ),
    requested_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
    on_timeout: z.enum(['reject', 'escalate', 'fail']),
    escalation: z.array(z.strictObject({ after_ms: z.int(), to: groups })),
    decided_at: z.iso.datetime().optional(),
    message: z.string().optional().describe('What the model was told with the decision.'),
    links: z.strictObject({ run: z.string(), events: z.string(), messages: z.string() }),
  })
  .meta({ id: 'Approval' })
export type ApprovalResource = z.output<typeof approval>

/** The data of `inbox.live`, which an inbox's stream sends after the approvals that wait and before changes. */
export const inboxLive = z.strictObject({ object: z.literal('inbox') }).meta({ id: 'InboxLive' })
export type InboxLiveResource = z.output<typeof inboxLive>

export const approvalPage = pageOf(approval).meta({ id: 'ApprovalPage' })

export const approvalsHeaders = z.looseObject({
  prefer: preferWait('when there is something to show'),
  'if-none-match': z.string().optional().describe('The `ETag` of an earlier answer.'),
})

export const approvalsQuery = z.strictObject({
  status: z.enum(APPROVAL_STATUSES).optional().describe('The approvals that have it now.'),
  agent: text(REQUEST_LIMITS.agentCharacters).min(1).optional().describe('Whose calls they are about.'),
  run_id: runId.optional(),
  requester: principalName.optional().describe('The principal that the run acts for.'),
  decidable: z.literal('true').optional().describe('Only what the caller may decide now.'),
  limit,
  after: cursor,
})
