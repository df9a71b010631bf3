import { z } from 'zod'
import { APPROVAL_STATUSES } from '../../contracts/approval.ts'
import { EFFECTS } from '../../contracts/tool.ts'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import { approvalId, runId } from './ids.schema.ts'
import { cursor, limit, pageOf } from './paging.schema.ts'
import { text } from './text.schema.ts'

const DECISIONS = ['approve', 'reject'] as const

export const approval = z
  .strictObject({
    id: approvalId,
    object: z.literal('approval'),
    run_id: runId,
    agent: z.string(),
    step: z.int(),
    tool: z.string(),
    effect: z.enum(EFFECTS),
    arguments: z.record(z.string(), z.unknown()),
    arguments_sha256: z
      .string()
      .describe('A decision repeats it, so that it is about these arguments and no others.'),
    reason: z
      .enum(['policy', 'outcome_unknown'])
      .describe(
        'A rule wants a person, or a call may have happened already: approving it then means "call again".',
      ),
    rule: z.string().describe('Name of the rule that asked.'),
    status: z.enum(APPROVAL_STATUSES),
    allowed_decisions: z.array(z.enum(DECISIONS)).describe('Empty once it is decided.'),
    votes: z.array(
      z.strictObject({
        by: z.string(),
        decision: z.enum(DECISIONS),
        at: z.iso.datetime(),
        message: z.string().optional(),
        comment: z.string().optional(),
      }),
    ),
    requested_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
    on_timeout: z.literal('reject'),
    decided_at: z.iso.datetime().optional(),
  })
  .meta({ id: 'Approval' })
export type ApprovalResource = z.output<typeof approval>

export const approvalPage = pageOf(approval).meta({ id: 'ApprovalPage' })

export const approvalsQuery = z.strictObject({
  status: z.enum(APPROVAL_STATUSES).optional(),
  agent: text(REQUEST_LIMITS.agentCharacters).min(1).optional(),
  run_id: runId.optional(),
  limit,
  after: cursor,
})

export const decisionBody = z
  .strictObject({
    decision: z.enum(DECISIONS),
    arguments_sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe('As the approval shows it.'),
    message: text(REQUEST_LIMITS.commentCharacters)
      .optional()
      .describe('Told to the model; only with a rejection.'),
    comment: text(REQUEST_LIMITS.commentCharacters).optional().describe('For the record only.'),
  })
  .refine(({ decision, message }) => decision === 'reject' || message === undefined, {
    path: ['message'],
    error: 'Only a rejection has a message.',
  })
  .meta({ id: 'Decision' })
export type DecisionBody = z.output<typeof decisionBody>
