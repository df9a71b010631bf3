/** Says that an approval is new or has changed. The migration's trigger names it too. */
export const APPROVAL_CHANNEL = 'holdfast_approval'

export interface ApprovalNotice {
  readonly id: string
  readonly tenant: string
}

/** What a notification on {@link APPROVAL_CHANNEL} says; null when it is none of ours. */
export function parseApprovalNotice(payload: string): ApprovalNotice | null {
  const [, id, tenant] = /^(apr_\S+) (.+)$/s.exec(payload) ?? []
  return id === undefined || tenant === undefined ? null : { id, tenant }
}
