import type { ApprovalResource } from '../../../../../src/api/approvals/approval.schema.ts'
import { readStream } from '../../../../api/support/read-stream.ts'
import type { Headers } from './people.ts'

/**
 * Tells of every approval that somebody is asked for, once, as an approver's program hears of it: from the stream of an inbox,
 * which is opened again when it breaks off. Returns what ends it.
 */
export function followInbox(
  url: string,
  headers: Headers,
  onRequested: (approval: ApprovalResource) => void,
): { stop(): void; readonly ended: Promise<void> } {
  const known = new Set<string>()
  const leave = Promise.withResolvers<'left'>()
  let left = false

  async function follow(): Promise<void> {
    while (!left) {
      const stream = readStream(url, headers)
      for (;;) {
        const next = await Promise.race([stream.next(), leave.promise])
        if (next === 'left' || next.done) break
        const approval = next.value.data as unknown as ApprovalResource
        if (next.value.event !== 'approval.requested' || known.has(approval.id)) continue
        known.add(approval.id)
        onRequested(approval)
      }
    }
  }

  return {
    ended: follow(),
    stop() {
      left = true
      leave.resolve('left')
    },
  }
}
