import type { RecordedCredential } from '../../contracts/access/credential.ts'
import type { RunId } from '../../contracts/runs/run.ts'
import type { Webhook, WebhookEvent, WebhookId } from '../../contracts/webhooks/webhook.ts'
import { WEBHOOK_LIMITS } from '../../policies/operations/webhooks.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { unprepared } from '../database/statement.ts'
import { selectWebhooks, WEBHOOK_COLUMNS } from './webhook-row.ts'

export interface NewWebhook {
  readonly id: WebhookId
  readonly tenant: string
  readonly runId: RunId | null
  readonly url: string
  /** `host:port` of the URL. */
  readonly host: string
  readonly events: readonly WebhookEvent[]
  readonly secret: string
  readonly createdBy: RecordedCredential | null
}

const INSERT = unprepared(`
  with added as (
    insert into webhooks (id, tenant, run_id, url, host, events, created_by)
    select :id, :tenant, :run_id::text, :url, :host, :events::text[], :created_by::jsonb
    where :run_id::text is not null
      or (select count(*) from webhooks where tenant = :tenant and run_id is null) < ${WEBHOOK_LIMITS.webhooks}
    returning id
  ),
  secret_added as (insert into webhook_secrets (webhook_id, secret, created_by) select id, :secret, :created_by::jsonb from added)
  select id from added`)

const FIND = unprepared(`select ${WEBHOOK_COLUMNS} from webhooks where id = :id and tenant = :tenant`)

const LIST = unprepared(`
  select ${WEBHOOK_COLUMNS} from webhooks where tenant = :tenant and run_id is null
  order by created_at desc, id desc`)

const CHANGE = unprepared(`
  update webhooks set
    url = coalesce(:url, url),
    host = coalesce(:host, host),
    events = coalesce(:events::text[], events),
    disabled_at = case when :enabled then null when not :enabled::boolean then coalesce(disabled_at, now()) else disabled_at end,
    disabled_for = case
      when :enabled then null when not :enabled::boolean then coalesce(disabled_for, 'caller') else disabled_for
    end,
    updated_by = :by::jsonb,
    updated_at = now()
  where id = :id and tenant = :tenant
  returning ${WEBHOOK_COLUMNS}`)

const DELETE = unprepared(`
  with deleted as (delete from webhooks where id = :id and tenant = :tenant returning id),
  secrets_deleted as (delete from webhook_secrets where webhook_id in (select id from deleted)),
  deliveries_deleted as (delete from webhook_deliveries where webhook_id in (select id from deleted) returning id),
  attempts_deleted as (delete from webhook_attempts where delivery_id in (select id from deliveries_deleted))
  select id from deleted`)

/** False where the tenant has as many webhooks as it may have. */
export async function insertWebhook(db: Db, webhook: NewWebhook): Promise<boolean> {
  const { id, tenant, runId, url, host, events, secret, createdBy } = webhook
  const added = await db.query(
    INSERT.with({
      id,
      tenant,
      run_id: runId,
      url,
      host,
      events,
      secret,
      created_by: createdBy && storableJson(createdBy),
    }),
  )
  return added.length > 0
}

export async function findWebhook(db: Db, tenant: string, id: WebhookId): Promise<Webhook | null> {
  const [webhook] = await selectWebhooks(db, FIND.with({ id, tenant }))
  return webhook ?? null
}

/** Newest first, without those of runs. */
export async function listWebhooks(db: Db, tenant: string): Promise<Webhook[]> {
  return selectWebhooks(db, LIST.with({ tenant }))
}

export interface WebhookChange {
  readonly target?: Pick<NewWebhook, 'url' | 'host'>
  readonly events?: readonly WebhookEvent[]
  readonly enabled?: boolean
  /** Who changes it. */
  readonly by: RecordedCredential | null
}

/** null where the tenant has no such webhook. */
export async function changeWebhook(
  db: Db,
  tenant: string,
  id: WebhookId,
  { target, events, enabled, by }: WebhookChange,
): Promise<Webhook | null> {
  const values = {
    url: target?.url ?? null,
    host: target?.host ?? null,
    events: events ?? null,
    enabled: enabled ?? null,
    by: by && storableJson(by),
  }
  const [webhook] = await selectWebhooks(db, CHANGE.with({ id, tenant, ...values }))
  return webhook ?? null
}

/** Deletes a webhook with its secrets and its log. An attempt under way ends; no other follows. */
export async function deleteWebhook(db: Db, tenant: string, id: WebhookId): Promise<boolean> {
  return (await db.query(DELETE.with({ id, tenant }))).length > 0
}
