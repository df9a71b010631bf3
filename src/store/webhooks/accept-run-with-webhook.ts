import type { WebhookId } from '../../contracts/webhooks/webhook.ts'
import type { Db } from '../database/database.ts'
import type { RunRow } from '../record/run-row.ts'
import { acceptRun, type NewRun } from '../runs/accept-run.ts'
import { insertWebhook, type NewWebhook } from './webhooks.ts'

/** What the caller of a run says of its webhook. */
export type RunWebhook = Pick<NewWebhook, 'url' | 'host' | 'events' | 'secret'>

/** As `acceptRun`, with a webhook of the run's own, in one transaction. A repeated request leaves the first one's webhook. */
export async function acceptRunWithWebhook(
  tx: Db,
  run: NewRun,
  webhook: RunWebhook,
): Promise<{ run: RunRow; created: boolean }> {
  const accepted = await acceptRun(tx, run)
  if (accepted.created) {
    const { id: runId, tenant, startedBy: createdBy = null } = run
    await insertWebhook(tx, { ...webhook, id: webhookIdOf(run), runId, tenant, createdBy })
  }
  return accepted
}

function webhookIdOf({ id }: Pick<NewRun, 'id'>): WebhookId {
  return `whk_${id.slice('run_'.length)}`
}
