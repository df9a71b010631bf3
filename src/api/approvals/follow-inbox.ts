import type { Approval } from '../../contracts/approval.ts'
import { HTTP } from '../../policies/api.ts'
import { findApproval, listApprovals } from '../../store/approvals/approvals.ts'
import type { ApiContext } from '../context.ts'
import { createWakeUp } from '../http/wake-up.ts'
import type { InboxView } from './inbox-view.ts'

/** `requested` where the reader has not been told of it yet, `decided` where it no longer waits. */
export interface InboxNews {
  readonly type: 'requested' | 'updated' | 'decided'
  readonly approval: Approval
}

/**
 * What waits in an inbox, oldest first, and then what becomes of it and what comes. `null` stands between the two. It ends
 * when notifications may have been missed: whoever reads on begins again with what waits.
 */
export async function* followInbox(
  { database, hub }: Pick<ApiContext, 'database' | 'hub'>,
  view: InboxView,
  signal: AbortSignal,
): AsyncGenerator<InboxNews | null> {
  const bell = createWakeUp()
  const changed = new Set<string>()
  const told = new Set<string>()
  let gap = false
  const unsubscribe = hub.subscribeInbox(view.tenant, {
    onApproval(id) {
      changed.add(id)
      bell.wake()
    },
    onGap() {
      gap = true
      bell.wake()
    },
  })
  try {
    for (const approval of await allWaiting(database, view)) {
      told.add(approval.id)
      yield { type: 'requested', approval }
    }
    yield null
    while (!signal.aborted && !gap) {
      for (const id of [...changed]) {
        changed.delete(id)
        const approval = await findApproval(database, view.tenant, id)
        const news = approval && tell(approval)
        if (news) yield news
      }
      if (changed.size === 0) await bell.wait(HTTP.sseHeartbeatMs, signal)
    }
  } finally {
    unsubscribe()
  }

  function tell(approval: Approval): InboxNews | null {
    const isKnown = told.has(approval.id)
    if (approval.status !== 'pending') {
      told.delete(approval.id)
      return isKnown || view.shows(approval) ? { type: 'decided', approval } : null
    }
    if (!isKnown && !view.shows(approval)) return null
    told.add(approval.id)
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
