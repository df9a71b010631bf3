import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import type { ApprovalDecision } from '../../../../../src/contracts/approvals/approval.ts'
import type { RunId } from '../../../../../src/contracts/runs/run.ts'
import { canonicalSha256 } from '../../../../../src/security/canonical-sha256.ts'
import { signDecision } from '../../../../../src/security/decision-signature.ts'
import { approvalDecision } from '../../../../../src/workflows/agent-run.messages.ts'
import { post } from '../../../../api/support/post.ts'
import { type Headers, PEOPLE } from './people.ts'
import type { Answer, DecisionDraft, Flaw, SentDecision, Target } from './sent-decision.ts'

export interface DecisionSender {
  /** All decisions that were sent, in the order of their answers. */
  readonly sent: readonly SentDecision[]
  /** Sends a decision, once or twice. */
  send(target: Target, draft: DecisionDraft, times?: 1 | 2): Promise<Answer>
}

export interface DecisionSenderOptions {
  readonly v1: (path: string) => string
  readonly client: Client
  readonly secret: string
  readonly keys: Readonly<Record<string, Headers>>
}

const OTHER_RUN: RunId = 'run_00000000000000000000000000'

/** Sends decisions of people, right ones and wrong ones, through the API or as signals, and keeps the answer to each. */
export function createDecisionSender({ v1, client, secret, keys }: DecisionSenderOptions): DecisionSender {
  const sent: SentDecision[] = []
  let count = 0

  async function overRest(target: Target, draft: DecisionDraft, decision: ApprovalDecision): Promise<Answer> {
    const { status, body } = await post<{ code?: string; status?: string }>(
      v1(`/approvals/${target.id}/decision`),
      {
        decision: decision.decision,
        arguments_sha256: decision.argumentsSha256,
        ...(decision.arguments && { arguments: decision.arguments }),
        ...(decision.message && { message: decision.message }),
        comment: decision.comment,
      },
      keys[draft.by],
    )
    if (status === 202) return { type: 'sent' }
    if (status === 503) return { type: 'unknown' }
    if (status >= 500) throw new Error(`A decision was answered ${status} ${body.code}`)
    return status === 200
      ? { type: 'accepted', status: String(body.status) }
      : { type: 'refused', code: String(body.code) }
  }

  async function asSignal(target: Target, flaw: Flaw | null, decision: ApprovalDecision): Promise<Answer> {
    try {
      const signed = signedWith(secret, target.runId, flaw, decision)
      await client.workflow.getHandle(target.workflowId).signal(approvalDecision, signed)
      return { type: 'sent' }
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return { type: 'gone' }
      throw error
    }
  }

  return {
    sent,
    async send(target, draft, times = 1) {
      count += 1
      const nonce = `decision ${count}`
      const { by, how, flaw, edited = null, isLate = false } = draft
      const decision = toDecision(target, draft, nonce)
      let answer: Answer = { type: 'unknown' }
      for (let time = 1; time <= times; time += 1) {
        answer =
          how === 'rest' ? await overRest(target, draft, decision) : await asSignal(target, flaw, decision)
        sent.push({
          nonce,
          runId: target.runId,
          approvalId: target.id,
          by,
          decision: draft.decision,
          edited,
          how,
          flaw,
          isRepeated: time > 1,
          isLate,
          answer,
        })
      }
      return answer
    },
  }
}

function toDecision(
  target: Target,
  { by, decision, flaw, edited }: DecisionDraft,
  nonce: string,
): ApprovalDecision {
  const groups = by in PEOPLE ? PEOPLE[by as keyof typeof PEOPLE] : []
  const { argumentsSha256 } = target
  return {
    approvalId: target.id,
    decision,
    argumentsSha256: flaw === 'stale' ? argumentsSha256.split('').toReversed().join('') : argumentsSha256,
    by,
    groups,
    comment: nonce,
    ...(edited !== undefined && { arguments: edited, editedSha256: canonicalSha256(edited) }),
    ...((decision === 'respond' || decision === 'reject') && { message: `Message of ${nonce}` }),
  }
}

function signedWith(
  secret: string,
  runId: RunId,
  flaw: Flaw | null,
  decision: ApprovalDecision,
): ApprovalDecision {
  switch (flaw) {
    case 'unsigned':
      return decision
    case 'forged':
      return { ...decision, signature: 'f'.repeat(64) }
    case 'other_run':
      return { ...decision, signature: signDecision(secret, OTHER_RUN, decision) }
    case 'altered':
      return { ...decision, signature: signDecision(secret, runId, { ...decision, by: 'somebody else' }) }
    default:
      return { ...decision, signature: signDecision(secret, runId, decision) }
  }
}
