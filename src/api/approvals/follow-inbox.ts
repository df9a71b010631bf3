import type { Approval } from '../../contracts/approvals/approval.ts'
import { HTTP } from '../../policies/api.ts'
import { findApproval, listApprovals } from '../../store/approvals/approvals.ts'
import type { ApiContext } from '../context.ts'
import { createWakeUp } from '../http/wake-up.ts'
import type { InboxView } from './inbox-view.ts'

/** `requested`: the stream has not had the approval yet. `updated`: it has. `decided`: the approval no longer waits. */
export interface InboxChange {
  readonly type: 'requested' | 'updated' | 'decided'
  readonly approval: Approval
}

/**
 * The approvals that wait in an inbox, oldest first, then `null`, then every change as it comes. Ends when notifications may have been
 * missed: a reader that opens the stream again begins with what waits then.
 */
export async function* followInbox(
  { database, hub }: Pick<ApiContext, 'database' | 'hub'>,
  view: InboxView,
  signal: AbortSignal,
): AsyncGenerator<InboxChange | null> {
  // Whoever reads the stream takes it on from outside the request's scope.
  const own = database.as(view.tenant)
  const wakeUp = createWakeUp()
  const changed = new Set<string>()
  const sent = new Set<string>()
  let gap = false
  const unsubscribe = hub.subscribeInbox(view.tenant, {
    onApproval(id) {
      changed.add(id)
      wakeUp.wake()
    },
    onGap() {
      gap = true
      wakeUp.wake()
    },
  })
  try {
    for (const approval of await allWaiting(own, view)) {
      sent.add(approval.id)
      yield { type: 'requested', approval }
    }
    yield null
    while (!signal.aborted && !gap) {
      for (const id of [...changed]) {
        changed.delete(id)
        const approval = await findApproval(own, view.tenant, id)
        const change = approval && toChange(approval)
        if (change) yield change
      }
      if (changed.size === 0) await wakeUp.wait(HTTP.sseHeartbeatMs, signal)
    }
  } finally {
    unsubscribe()
  }

  /** null where the approval does not belong to the inbox. */
  function toChange(approval: Approval): InboxChange | null {
    const isKnown = sent.has(approval.id)
    if (approval.status !== 'pending') {
      sent.delete(approval.id)
      return isKnown || view.shows(approval) ? { type: 'decided', approval } : null
    }
    if (!isKnown && !view.shows(approval)) return null
    sent.add(approval.id)
    return { type: isKnown ? 'updated' : 'requested', approval }
  }
}

async function allWaiting(database: ApiContext['database'], { filter }: InboxView): Promise<Approval[]> {
  const waiting: Approval[] = []
  for (;;) {
    const last = waiting.at(-1)
    const page = await listApprovals(database, {
      ...filter,
      status: 'pending',
      limit: HTTP.ssePageRows,
      ...(last && { before: last }),
    })
    waiting.push(...page)
    if (page.length < HTTP.ssePageRows) return waiting.reverse()
  }
}
