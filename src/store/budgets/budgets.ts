import type { BUDGET_SCOPES, BudgetPeriod } from '../../contracts/budget.ts'
import type { Database, Db } from '../database/database.ts'
import { storableText } from '../database/postgres-text.ts'
import { lockModelAttempts } from './lock-model-attempts.ts'
import { openCounters } from './open-counters.ts'

export interface BudgetKey {
  readonly tenant: string
  readonly scope: (typeof BUDGET_SCOPES)[number]
  /** The tenant itself, or a principal or an agent; `*` for each one that has no budget of its own for the period. */
  readonly subject: string
  readonly period: BudgetPeriod
}

export interface NewBudget extends BudgetKey {
  /** One of the two at least. */
  readonly limitMicroUsd: number | null
  readonly limitTokens: number | null
  /** What a run does that meets it: it waits, or ends. */
  readonly onReached: 'pause' | 'refuse'
  /** Share of a limit, up to 1, at which `budget.threshold` is told once a period. */
  readonly threshold: number
  readonly by: string
}

export interface Budget extends NewBudget {
  readonly updatedAt: string
  /** The day or month of now; null for `*`, and before its first call. */
  readonly current: {
    /** A date. */
    readonly startsOn: string
    readonly endsAt: string
    readonly spent: Used
    readonly unknown: Used
    readonly held: Used
  } | null
}

interface Used {
  readonly costMicroUsd: number
  readonly tokens: number
}

const SELECT = `
  select budget.tenant, budget.scope, budget.subject, budget.period, budget.limit_micro_usd as "limitMicroUsd",
    budget.limit_tokens as "limitTokens", budget.on_reached as "onReached", budget.threshold, budget.by,
    budget.updated_at as "updatedAt", counter.starts_on::text as "startsOn",
    (counter.starts_on + ('1 ' || budget.period)::interval) at time zone zone.name as "endsAt",
    counter.spent_micro_usd as "spentMicroUsd", counter.spent_tokens as "spentTokens",
    counter.unknown_micro_usd as "unknownMicroUsd", counter.unknown_tokens as "unknownTokens",
    counter.held_micro_usd as "heldMicroUsd", counter.held_tokens as "heldTokens"
  from budgets as budget
  cross join lateral (
    select coalesce((select time_zone from tenants where tenants.tenant = budget.tenant), 'UTC')
  ) as zone (name)
  left join budget_windows as counter
    on counter.tenant = budget.tenant and counter.scope = budget.scope and counter.subject = budget.subject
    and counter.period = budget.period
    and counter.starts_on = date_trunc(budget.period, now() at time zone zone.name)::date`

const OF_KEY = 'budget.tenant = $1 and budget.scope = $2 and budget.subject = $3 and budget.period = $4'

const UPDATE = `
  update budgets as budget set
    limit_micro_usd = $5, limit_tokens = $6, on_reached = $7, threshold = $8, by = $9, updated_at = clock_timestamp()
  where ${OF_KEY} returning true`

const INSERT = `
  insert into budgets (tenant, scope, subject, period, limit_micro_usd, limit_tokens, on_reached, threshold, by, updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp())`

/** Counters of a budget that there was before: nobody has kept them since. Those that another one keeps stay. */
const FORGET = `
  delete from budget_windows as counter
  where tenant = $1 and scope = $2 and (subject = $3 or $3 = '*') and period = $4 and not exists (
    select from budgets as budget
    where budget.tenant = counter.tenant and budget.scope = counter.scope and budget.subject in (counter.subject, '*')
      and budget.period = counter.period
  )`

/** A higher limit has its threshold ahead of it again. */
const UNTELL = `
  with locked as (
    select counter.id, budget.threshold::numeric * budget.limit_micro_usd as micro_usd,
      budget.threshold::numeric * budget.limit_tokens as tokens
    from budgets as budget
    join budget_windows as counter
      on counter.tenant = budget.tenant and counter.scope = budget.scope and counter.period = budget.period
    where ${OF_KEY} and (counter.told_micro_usd or counter.told_tokens)
      and (counter.subject = budget.subject or budget.subject = '*' and not exists (
        select from budgets as own
        where own.tenant = budget.tenant and own.scope = budget.scope and own.subject = counter.subject
          and own.period = budget.period
      ))
    order by counter.id for no key update of counter
  )
  update budget_windows as counter set
    told_micro_usd = counter.told_micro_usd
      and coalesce(counter.spent_micro_usd + counter.unknown_micro_usd >= locked.micro_usd, false),
    told_tokens = counter.told_tokens
      and coalesce(counter.spent_tokens + counter.unknown_tokens >= locked.tokens, false)
  from locked where counter.id = locked.id`

/**
 * Sets a budget. It holds from the next call on, and what its period has seen so far counts, calls under way included. A new one
 * is put in with nobody booking, so that whoever books sees it or is seen by whoever adds up; all else happens beside the calls.
 *
 * @throws {AttemptsLocked}
 */
export async function putBudget(database: Database, budget: NewBudget): Promise<Budget> {
  const key = keyValues(budget)
  const values = [
    ...key,
    budget.limitMicroUsd,
    budget.limitTokens,
    budget.onReached,
    budget.threshold,
    storableText(budget.by),
  ]
  await database.transaction(async (tx) => {
    const update = async () => (await tx.query({ text: UPDATE, values })).length > 0
    if (!(await update())) {
      await lockModelAttempts(tx)
      if (!(await update())) {
        await tx.query({ text: FORGET, values: key })
        await tx.query({ text: INSERT, values })
      }
    }
    await tx.query({ text: UNTELL, values: key })
  })
  await openCounters(database, budget)
  const stored = await findBudget(database, budget)
  if (stored === null) throw new Error('The budget was deleted at the same time.')
  return stored
}

/** All of a tenant's. */
export async function listBudgets(db: Db, tenant: string): Promise<Budget[]> {
  const text = `${SELECT} where budget.tenant = $1 order by budget.scope, budget.subject, budget.period`
  return (await db.query<BudgetColumns>({ text, values: [tenant] })).map(toBudget)
}

export async function findBudget(db: Db, key: BudgetKey): Promise<Budget | null> {
  const [row] = await db.query<BudgetColumns>({ text: `${SELECT} where ${OF_KEY}`, values: keyValues(key) })
  return row === undefined ? null : toBudget(row)
}

/** What it was; null where there was none. */
export async function deleteBudget(database: Database, key: BudgetKey): Promise<Budget | null> {
  return database.transaction(async (tx) => {
    const budget = await findBudget(tx, key)
    await tx.query({ text: `delete from budgets as budget where ${OF_KEY}`, values: keyValues(key) })
    return budget
  })
}

function keyValues({ tenant, scope, subject, period }: BudgetKey): string[] {
  return [tenant, scope, storableText(subject), period]
}

interface BudgetColumns extends Omit<Budget, 'current'> {
  readonly startsOn: string | null
  readonly endsAt: string
  readonly spentMicroUsd: number
  readonly spentTokens: number
  readonly unknownMicroUsd: number
  readonly unknownTokens: number
  readonly heldMicroUsd: number
  readonly heldTokens: number
}

function toBudget(columns: BudgetColumns): Budget {
  const {
    startsOn,
    endsAt,
    spentMicroUsd,
    spentTokens,
    unknownMicroUsd,
    unknownTokens,
    heldMicroUsd,
    heldTokens,
    ...budget
  } = columns
  const current =
    startsOn === null
      ? null
      : {
          startsOn,
          endsAt,
          spent: { costMicroUsd: spentMicroUsd, tokens: spentTokens },
          unknown: { costMicroUsd: unknownMicroUsd, tokens: unknownTokens },
          held: { costMicroUsd: heldMicroUsd, tokens: heldTokens },
        }
  return { ...budget, current }
}
