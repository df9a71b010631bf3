import { z } from 'zod'
import { DECISIONS } from '../../contracts/approvals/approval.ts'

/** A decision in a signal. Whoever reaches Temporal can send one, so its shape is checked. */
export const APPROVAL_DECISION = z.object({
  approvalId: z.string(),
  decision: z.enum(DECISIONS),
  argumentsSha256: z.string(),
  arguments: z.record(z.string(), z.json()).optional(),
  editedSha256: z.string().optional(),
  message: z.string().optional(),
  comment: z.string().optional(),
  by: z.string().min(1),
  groups: z.array(z.string()).optional(),
  signature: z.string().optional(),
})
