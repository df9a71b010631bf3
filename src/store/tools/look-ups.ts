import type { Approvers } from '../../contracts/approvals/approval.ts'
import type { JsonObject } from '../../contracts/json.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import type { Verdict } from '../../contracts/tools/tool.ts'
import type { Db } from '../database/database.ts'
import { storableJson } from '../database/postgres-text.ts'
import { statement, type Values } from '../database/statement.ts'

/** Names the look-up of a call with these arguments: the model's, or those of an edit. */
export interface LookUpKey {
  readonly run: RunIdentity
  readonly step: number
  readonly index: number
  readonly argumentsSha256: string
}

export interface LookUp {
  /** null until they are looked up. So are `approvers`. */
  readonly facts: JsonObject | null
  readonly approvers: Approvers | null
  /** Tries that count: under way, lost, or failed by the tool. */
  readonly begun: number
  /** Tries that the tool has failed. */
  readonly failed: number
}

const ROW = 'facts, approvers, begun, failed'
const OF_KEY =
  'run_id = :run_id and tenant = :tenant and step = :step and index = :index and arguments_sha256 = :arguments_sha256'

function keyValues({ run, step, index, argumentsSha256 }: LookUpKey): Values {
  return { run_id: run.runId, tenant: run.tenant, step, index, arguments_sha256: argumentsSha256 }
}

const FIND = statement('find_look_up', `select ${ROW} from call_look_ups where ${OF_KEY}`)

const BEGIN_TRY = statement(
  'begin_look_up',
  `
  insert into call_look_ups as found (run_id, tenant, step, index, arguments_sha256, begun)
  values (:run_id, :tenant, :step, :index, :arguments_sha256, 1)
  on conflict (run_id, step, index, arguments_sha256) do update set begun = found.begun + 1
  returning ${ROW}`,
)

const COUNT_FAILED_TRY = statement(
  'end_look_up_try_failed',
  `update call_look_ups set failed = failed + 1 where ${OF_KEY} returning ${ROW}`,
)

const UNCOUNT_TRY = statement(
  'end_look_up_try_uncounted',
  `update call_look_ups set begun = begun - 1 where ${OF_KEY} returning ${ROW}`,
)

const KEEP_FOUND = statement(
  'keep_found',
  `
  update call_look_ups set facts = coalesce(facts, :facts::json), approvers = coalesce(approvers, :approvers::json)
  where ${OF_KEY} returning ${ROW}`,
)

const FORGET_TRIES = statement(
  'forget_look_up_tries',
  `update call_look_ups set begun = 0, failed = 0 where ${OF_KEY}`,
)

const KEEP_VERDICT = statement(
  'keep_verdict',
  `update tool_calls set verdict = :verdict, terms = :terms where ${OF_KEY} and again = 0`,
)

const FIND_FACTS_AND_APPROVALS = statement(
  'find_facts_and_approvals',
  `
  select
    (select facts from call_look_ups where ${OF_KEY}) as facts,
    array(
      select vote.by
      from approvals as asked join admitted_votes as vote on vote.approval_id = asked.id and vote.run_id = asked.run_id
      where asked.run_id = :run_id and asked.tenant = :tenant and asked.step = :step and asked.index = :index
        and vote.decision = case asked.status when 'approved' then 'approve' when 'edited' then 'edit' end
      order by vote.n
    ) as "approvedBy"`,
)

/** What is known so far; null where no try has begun. */
export async function findLookUp(db: Db, key: LookUpKey): Promise<LookUp | null> {
  const [row] = await db.query<LookUp>(FIND.with(keyValues(key)))
  return row ?? null
}

/** Counts a try that begins. */
export async function beginLookUp(db: Db, key: LookUpKey): Promise<LookUp> {
  return one(await db.query<LookUp>(BEGIN_TRY.with(keyValues(key))))
}

/** Ends a try. Only a try that the tool has failed goes on counting. */
export async function endLookUpTry(db: Db, key: LookUpKey, as: 'failed' | 'uncounted'): Promise<LookUp> {
  const end = as === 'failed' ? COUNT_FAILED_TRY : UNCOUNT_TRY
  return one(await db.query<LookUp>(end.with(keyValues(key))))
}

/** Stores facts or approvers unless they are stored already; returns what counts from now on. */
export async function keepFound(
  db: Db,
  key: LookUpKey,
  { facts, approvers }: Partial<Pick<LookUp, 'facts' | 'approvers'>>,
): Promise<LookUp> {
  const json = (value: object | null | undefined) => (value ? storableJson(value) : null)
  const values = { ...keyValues(key), facts: json(facts), approvers: json(approvers) }
  return one(await db.query<LookUp>(KEEP_FOUND.with(values)))
}

/** Sets the count of tries back to none: an edit that is sent again is looked up with all of them. */
export async function forgetTries(db: Db, key: LookUpKey): Promise<void> {
  await db.query(FORGET_TRIES.with(keyValues(key)))
}

/** Stores what the plan's rules say of the call, now that its facts are known. */
export async function keepVerdict(
  db: Db,
  key: LookUpKey,
  { verdict, terms }: { readonly verdict: Verdict; readonly terms: string },
): Promise<void> {
  await db.query(KEEP_VERDICT.with({ ...keyValues(key), verdict, terms }))
}

export interface FactsAndApprovals {
  /** null where none were looked up. */
  readonly facts: JsonObject | null
  /** Who has approved the call, in the order of their decisions. */
  readonly approvedBy: readonly string[]
}

/** The facts of a call with these arguments, and the people whose admitted decisions have approved it. */
export async function findFactsAndApprovals(db: Db, key: LookUpKey): Promise<FactsAndApprovals> {
  const row = one(await db.query<FactsAndApprovals>(FIND_FACTS_AND_APPROVALS.with(keyValues(key))))
  return { facts: row.facts, approvedBy: [...new Set(row.approvedBy)] }
}

function one<T>(rows: readonly T[]): T {
  const [row] = rows
  if (row === undefined) throw new Error('The store has no such look-up of a call.')
  return row
}
