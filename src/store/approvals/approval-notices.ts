/** The channel that says which approval is new or has changed. The trigger that notifies it is in the migrations. */
export const APPROVAL_CHANNEL = 'holdfast_approval'

export interface ApprovalNotice {
  readonly id: string
  readonly tenant: string
}

/** The notice in a notification on {@link APPROVAL_CHANNEL}; null where the payload is not ours. */
export function parseApprovalNotice(payload: string): ApprovalNotice | null {
  const [, id, tenant] = /^(apr_\S+) (.+)$/s.exec(payload) ?? []
  return id === undefined || tenant === undefined ? null : { id, tenant }
}
