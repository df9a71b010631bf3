import { HTTP } from '../../policies/api.ts'
import type { ApiContext } from '../context.ts'
import { createDoorbell } from '../http/doorbell.ts'

/** Lists again whenever an approval of the tenant changes, until the list is one worth an answer or `signal` aborts. */
export async function waitForInbox<T>(
  { hub }: Pick<ApiContext, 'hub'>,
  tenant: string,
  list: () => Promise<T>,
  isWorthIt: (page: T) => boolean,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<T> {
  const bell = createDoorbell()
  const unsubscribe = hub.subscribeInbox(tenant, { onApproval: bell.ring, onGap: bell.ring })
  const deadline = performance.now() + timeoutMs
  try {
    for (;;) {
      const page = await list()
      const leftMs = deadline - performance.now()
      if (isWorthIt(page) || leftMs <= 0 || signal.aborted) return page
      await bell.wait(Math.min(leftMs, HTTP.sseHeartbeatMs), signal)
    }
  } finally {
    unsubscribe()
  }
}
