import { usedModels } from '../../../../src/app/models/used-models.ts'
import { newId } from '../../../../src/security/new-id.ts'
import { newWebhookSecret } from '../../../../src/security/webhooks/webhook-signature.ts'
import { putBudget } from '../../../../src/store/budgets/budgets.ts'
import { putKillSwitch } from '../../../../src/store/budgets/kill-switches.ts'
import type { Database } from '../../../../src/store/database/database.ts'
import { keepFile } from '../../../../src/store/files/keep-file.ts'
import { keepFact } from '../../../../src/store/memory/keep-fact.ts'
import { deleteMemories } from '../../../../src/store/memory/memories.ts'
import { insertSchedule } from '../../../../src/store/schedules/schedules.ts'
import { insertTenant } from '../../../../src/store/tenants/tenants.ts'
import { createThread } from '../../../../src/store/threads/threads.ts'
import { insertWebhook } from '../../../../src/store/webhooks/webhooks.ts'
import office from '../../../support/office.ts'
import { png } from '../../../support/sample-files.ts'
import { askApproval } from '../ask-approval.ts'
import { makeKey } from '../test-keys.ts'
import { type ApiOperation, OPERATIONS } from './operations.ts'

/** Whose things are made. */
export interface Owner {
  readonly tenant: string
  readonly principal: string
}

/** Values of an operation's path parameters, by name. */
export type PathValues = Readonly<Record<string, string>>

interface Maker {
  /** Makes something of the owner's, and gives the values that lead to it. */
  readonly make: (database: Database, owner: Owner) => PathValues | Promise<PathValues>
  /** Whether the values name it in its tenant only: another tenant has something else under the same values, or nothing. */
  readonly named?: true
}

/**
 * Makes what a path leads to, by the path up to its last parameter. An operation with a new path needs an entry here, and is then
 * covered by every test over the operations.
 */
const MAKERS: Readonly<Record<string, Maker>> = {
  '/v1/runs/{id}': {
    make: async (database, owner) => ({ id: (await waitingRun(database, owner)).run.runId }),
  },
  '/v1/approvals/{id}': { make: async (database, owner) => ({ id: (await waitingRun(database, owner)).id }) },
  '/v1/threads/{id}': { make: async (database, owner) => ({ id: await makeThread(database, owner) }) },
  '/v1/memories/{id}': { make: async (database, owner) => ({ id: await makeMemory(database, owner) }) },
  '/v1/files/{id}': { make: async (database, owner) => ({ id: await makeFile(database, owner) }) },
  '/v1/schedules/{id}': { make: async (database, owner) => ({ id: await makeSchedule(database, owner) }) },
  '/v1/webhooks/{id}': { make: async (database, owner) => ({ id: await makeWebhook(database, owner) }) },
  '/v1/webhooks/{id}/deliveries/{delivery_id}': { make: makeDelivery },
  '/v1/keys/{id}': { make: async (database, owner) => ({ id: (await makeKey(database, owner)).id }) },
  '/v1/tenants/{id}/keys/{key_id}': { named: true, make: makeTenantKey },
  '/v1/agents/{name}': { named: true, make: () => ({ name: 'assistant' }) },
  '/v1/reports/{day}': { named: true, make: () => ({ day: 'today' }) },
  '/v1/providers/{provider}/{model}': {
    named: true,
    make: () => {
      const [used] = usedModels(office).values()
      if (used === undefined) throw new Error('The office has no model.')
      const { provider, model } = used.model
      return { provider, model }
    },
  },
  // Nobody's but the operator's. Not the owner's: suspended it would refuse what the owner asks next.
  '/v1/tenants/{id}': { named: true, make: makeTenant },
  '/v1/budgets/{scope}/{subject}/{period}': { named: true, make: makeBudget },
  '/v1/kill-switches/{scope}/{subject}': { named: true, make: makeKillSwitch },
}

/** Bodies that name something by its id, by operation. Others are as the document's example has them. */
const BODIES: Readonly<Record<string, (database: Database, owner: Owner) => Promise<object>>> = {
  createToken: async (database, owner) => ({ run_id: (await waitingRun(database, owner)).run.runId }),
}

function prefixOf({ path }: ApiOperation): string | null {
  const end = path.lastIndexOf('}')
  return end < 0 ? null : path.slice(0, end + 1)
}

/** Paths that no maker knows, in words for whoever has added the operation. */
export function missingMakers(): string[] {
  const wanting = OPERATIONS.filter((operation) => {
    const prefix = prefixOf(operation)
    return prefix !== null && !(prefix in MAKERS)
  })
  return wanting.map(
    (operation) =>
      `${operation.id} needs something to lead to: add an entry '${prefixOf(operation)}' to MAKERS in test/api/support/openapi/real-ids.ts that makes one for an owner.`,
  )
}

/** A body that the operation takes, about something of the owner's. */
export async function makeBody(
  { id, body }: ApiOperation,
  database: Database,
  owner: Owner,
): Promise<object> {
  return BODIES[id]?.(database, owner) ?? body?.example ?? {}
}

/** Whether the operation names something by an id that no other tenant has. */
export function leadsToAnId(operation: ApiOperation): boolean {
  if (operation.id in BODIES) return true
  const prefix = prefixOf(operation)
  return prefix !== null && MAKERS[prefix]?.named !== true
}

/** Makes what the operation's path leads to. */
export async function makeTarget(
  operation: ApiOperation,
  database: Database,
  owner: Owner,
): Promise<PathValues> {
  const prefix = prefixOf(operation)
  return prefix === null ? {} : ((await MAKERS[prefix]?.make(database, owner)) ?? {})
}

/** Removes what a tenant may have only so many of, so that more of it can be made. */
export async function makeRoom(database: Database, { tenant }: Owner): Promise<void> {
  for (const text of [
    'delete from schedules where tenant = $1',
    'delete from webhooks where tenant = $1 and run_id is null',
  ])
    await database.query({ text, values: [tenant] })
}

/** One of everything that an id leads to. */
export async function makeEverything(database: Database, owner: Owner): Promise<string[]> {
  const ids: string[] = []
  for (const { make, named } of Object.values(MAKERS)) {
    const values = Object.values(await make(database, owner))
    if (named !== true) ids.push(...values)
  }
  return ids
}

/** The path with the values, each of them percent-encoded. */
export function fillIn({ path }: ApiOperation, values: PathValues): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''))
}

/** The tenant begins with the key. */
async function makeTenantKey(database: Database, owner: Owner): Promise<PathValues> {
  return { id: owner.tenant, key_id: (await makeKey(database, owner)).id }
}

/** A run whose approval everybody of its tenant may decide, so that those who decide may read it. */
function waitingRun(database: Database, owner: Owner) {
  return askApproval(database, { ...owner, arguments: { to: owner.tenant, cents: 9_000 } })
}

async function makeThread(database: Database, { tenant, principal }: Owner): Promise<string> {
  const thread = { id: newId('thr'), tenant, principal, title: `of ${tenant}`, metadata: {} }
  return (await createThread(database, thread)).id
}

async function makeMemory(database: Database, owner: Owner): Promise<string> {
  const { run } = await askApproval(database, owner)
  const call = { agent: 'assistant', runId: run.runId, step: 1, index: 0, seq: 2, taintedBy: [] }
  // The same words twice are one fact.
  const fact = `Of ${owner.tenant}, in ${run.runId}.`
  const kept = await keepFact(database, { ...owner, fact, about: null, source: call })
  if (kept !== 'full') return kept
  await deleteMemories(database, owner)
  return makeMemory(database, owner)
}

/** In a run whose approval somebody may decide, who may then read it. */
async function makeFile(database: Database, { tenant, principal }: Owner): Promise<string> {
  const kept = await keepFile(database, {
    id: newId('file'),
    tenant,
    principal,
    content: png(),
    type: 'image/png',
    name: `${tenant}.png`,
  })
  if ('refused' in kept) throw new Error(`The file was refused: ${kept.refused}.`)
  const { run } = await waitingRun(database, { tenant, principal })
  await database.query({
    text: 'insert into run_files (run_id, file_id, tenant) values ($1, $2, $3)',
    values: [run.runId, kept.id, tenant],
  })
  return kept.id
}

async function makeTenant(database: Database): Promise<PathValues> {
  const id = newId('tenant')
  await insertTenant(database.everyTenant, { id, name: 'Of the operator', metadata: {} })
  return { id }
}

async function makeSchedule(database: Database, owner: Owner): Promise<string> {
  const id = newId('sch')
  const { id: keyId } = await makeKey(database, owner)
  const inserted = await insertSchedule(database, {
    ...owner,
    id,
    keyId,
    createdBy: { type: 'key', id: keyId, principal: owner.principal },
    timing: { type: 'interval', everyMs: 3_600_000, offsetMs: 0 },
    start: { agent: 'assistant', input: `Greet ${owner.tenant}.` },
    overlap: 'skip',
    catchUpMs: 60_000,
    idempotencyKey: null,
    requestSha256: '',
  })
  if (inserted === 'full') throw new Error(`The tenant ${owner.tenant} has all schedules that it may have.`)
  return id
}

async function makeWebhook(database: Database, { tenant, principal }: Owner): Promise<string> {
  // Of a run: a tenant has only so many others.
  const { run } = await askApproval(database, { tenant, principal })
  const id = newId('whk')
  await insertWebhook(database, {
    id,
    tenant,
    runId: run.runId,
    url: `https://hooks.${tenant}.example/`,
    host: `hooks.${tenant}.example:443`,
    events: ['run.completed', 'run.requires_action'],
    secret: newWebhookSecret(),
    createdBy: { type: 'key', id: (await makeKey(database, { tenant, principal })).id, principal },
  })
  return id
}

async function makeDelivery(database: Database, owner: Owner): Promise<PathValues> {
  const id = await makeWebhook(database, owner)
  const deliveryId = `whd_${id.slice(4)}_${newId('x').slice(2)}_1`
  await database.query({
    text: `
      insert into webhook_deliveries (id, tenant, webhook_id, host, type, run_id, happened_at, status, ended_at)
      values ($1, $2, $3, 'hooks.example:443', 'run.completed', $4, now(), 'failed', now())`,
    values: [deliveryId, owner.tenant, id, newId('run')],
  })
  return { id, delivery_id: deliveryId }
}

async function makeBudget(database: Database, { tenant, principal: by }: Owner): Promise<PathValues> {
  const key = { scope: 'principal', subject: '*', period: 'day' } as const
  const limits = { limitMicroUsd: 5_000_000, limitTokens: null, onReached: 'pause', threshold: 0.8 } as const
  await putBudget(database, { tenant, ...key, ...limits, by })
  return key
}

async function makeKillSwitch(database: Database, { tenant, principal: by }: Owner): Promise<PathValues> {
  const key = { scope: 'agent', subject: 'billing' } as const
  await putKillSwitch(database, { tenant, ...key, by, reason: `Stopped by ${tenant}.` })
  return key
}
