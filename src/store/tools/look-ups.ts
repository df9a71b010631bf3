import type { Approvers } from '../../contracts/approval.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { RunIdentity } from '../../contracts/run.ts'
import type { Verdict } from '../../contracts/tool.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'

/** Names what is looked up of a call with these arguments: the model's, or those of an edit. */
export interface LookUpKey {
  readonly run: RunIdentity
  readonly step: number
  readonly index: number
  readonly argumentsSha256: string
}

export interface LookUp {
  /** null while they are not known. */
  readonly facts: JsonObject | null
  readonly approvers: Approvers | null
  /** Tries, and those of them that the tool has failed. */
  readonly begun: number
  readonly failed: number
}

const ROW = 'facts, approvers, begun, failed'
const KEY = 'run_id = $1 and tenant = $2 and step = $3 and index = $4 and arguments_sha256 = $5'

function keyOf({ run, step, index, argumentsSha256 }: LookUpKey): unknown[] {
  return [run.runId, run.tenant, step, index, argumentsSha256]
}

/** What is known so far; null where nobody has begun to look. */
export async function findLookUp(db: Db, key: LookUpKey): Promise<LookUp | null> {
  const [row] = await db.query<LookUp>({
    name: 'find_look_up',
    text: `select ${ROW} from call_look_ups where ${KEY}`,
    values: keyOf(key),
  })
  return row ?? null
}

/** One more try begins. */
export async function beginLookUp(db: Db, key: LookUpKey): Promise<LookUp> {
  return one(
    await db.query<LookUp>({
      name: 'begin_look_up',
      text: `
        insert into call_look_ups as found (run_id, tenant, step, index, arguments_sha256, begun)
        values ($1, $2, $3, $4, $5, 1)
        on conflict (run_id, step, index, arguments_sha256) do update set begun = found.begun + 1
        returning ${ROW}`,
      values: keyOf(key),
    }),
  )
}

/** A try has ended. Only one that the tool has failed counts against it. */
export async function endLookUpTry(db: Db, key: LookUpKey, as: 'failed' | 'uncounted'): Promise<LookUp> {
  const change = as === 'failed' ? 'failed = failed + 1' : 'begun = begun - 1'
  return one(
    await db.query<LookUp>({
      name: `end_look_up_try_${as}`,
      text: `update call_look_ups set ${change} where ${KEY} returning ${ROW}`,
      values: keyOf(key),
    }),
  )
}

/** Keeps what was found, unless something is kept already; returns what counts. */
export async function keepFound(
  db: Db,
  key: LookUpKey,
  { facts, approvers }: Partial<Pick<LookUp, 'facts' | 'approvers'>>,
): Promise<LookUp> {
  const json = (value: object | null | undefined) => (value ? storableJson(value) : null)
  return one(
    await db.query<LookUp>({
      name: 'keep_found',
      text: `
        update call_look_ups set facts = coalesce(facts, $6::json), approvers = coalesce(approvers, $7::json)
        where ${KEY} returning ${ROW}`,
      values: [...keyOf(key), json(facts), json(approvers)],
    }),
  )
}

/** Whoever wants the same edit again has all tries of it anew. */
export async function forgetTries(db: Db, key: LookUpKey): Promise<void> {
  await db.query({
    name: 'forget_look_up_tries',
    text: `update call_look_ups set begun = 0, failed = 0 where ${KEY}`,
    values: keyOf(key),
  })
}

/** What the plan's rules say of the call, now that its facts are known. */
export async function keepVerdict(
  db: Db,
  key: LookUpKey,
  { verdict, terms }: { readonly verdict: Verdict; readonly terms: string },
): Promise<void> {
  await db.query({
    name: 'keep_verdict',
    text: `
      update tool_calls set verdict = $6, terms = $7
      where run_id = $1 and tenant = $2 and step = $3 and index = $4 and again = 0 and arguments_sha256 = $5`,
    values: [...keyOf(key), verdict, terms],
  })
}

/** What stands behind a call that is about to be made. */
export interface Grounds {
  /** null where none were looked up. */
  readonly facts: JsonObject | null
  /** Those who have approved it, in the order of their decisions. */
  readonly approvedBy: readonly string[]
}

/**
 * The facts of a call with these arguments, and who has approved it: by decisions that were admitted, about approvals that these
 * decided.
 */
export async function findGrounds(db: Db, key: LookUpKey): Promise<Grounds> {
  const row = one(
    await db.query<Grounds>({
      name: 'find_grounds',
      text: `
        select
          (select facts from call_look_ups where ${KEY}) as facts,
          array(
            select vote.by
            from approvals as asked join admitted_votes as vote on vote.approval_id = asked.id and vote.run_id = asked.run_id
            where asked.run_id = $1 and asked.tenant = $2 and asked.step = $3 and asked.index = $4
              and vote.decision = case asked.status when 'approved' then 'approve' when 'edited' then 'edit' end
            order by vote.n
          ) as "approvedBy"`,
      values: keyOf(key),
    }),
  )
  return { facts: row.facts, approvedBy: [...new Set(row.approvedBy)] }
}

function one<T>(rows: readonly T[]): T {
  const [row] = rows
  if (row === undefined) throw new Error('The store has no such look-up of a call.')
  return row
}
