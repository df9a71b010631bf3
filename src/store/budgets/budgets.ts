import type { Database, Db } from '../database/database.ts'
import { storableText } from '../database/postgres-text.ts'
import { unprepared } from '../database/statement.ts'
import type { BudgetKey } from './budget-key.ts'
import { lockModelAttempts } from './lock-model-attempts.ts'
import { openCounters } from './open-counters.ts'

export interface NewBudget extends BudgetKey {
  /** At least one of the two limits is there. */
  readonly limitMicroUsd: number | null
  readonly limitTokens: number | null
  /** What a run does that reaches the limit: it waits, or ends. */
  readonly onReached: 'pause' | 'refuse'
  /** Share of a limit, up to 1, at which a run gets the event `budget.threshold`, once a period. */
  readonly threshold: number
  readonly by: string
}

export interface Budget extends NewBudget {
  readonly updatedAt: string
  /** The present day or month; null for `*`, and before the first call of the period. */
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

const OF_KEY =
  'budget.tenant = :tenant and budget.scope = :scope and budget.subject = :subject and budget.period = :period'

const LIST = unprepared(
  `${SELECT} where budget.tenant = :tenant order by budget.scope, budget.subject, budget.period`,
)

const FIND = unprepared(`${SELECT} where ${OF_KEY}`)

const DELETE = unprepared(`delete from budgets as budget where ${OF_KEY}`)

const UPDATE = unprepared(`
  update budgets as budget set
    limit_micro_usd = :limit_micro_usd, limit_tokens = :limit_tokens, on_reached = :on_reached, threshold = :threshold, by = :by, updated_at = clock_timestamp()
  where ${OF_KEY} returning true`)

const INSERT = unprepared(`
  insert into budgets (tenant, scope, subject, period, limit_micro_usd, limit_tokens, on_reached, threshold, by, updated_at)
  values (:tenant, :scope, :subject, :period, :limit_micro_usd, :limit_tokens, :on_reached, :threshold, :by, clock_timestamp())`)

/**
 * Deletes counters that no budget has kept up to date: those of a deleted budget with the same key. A counter that another budget
 * keeps up to date stays.
 */
const DELETE_STALE_COUNTERS = unprepared(`
  delete from budget_windows as counter
  where tenant = :tenant and scope = :scope and (subject = :subject or :subject = '*') and period = :period and not exists (
    select from budgets as budget
    where budget.tenant = counter.tenant and budget.scope = counter.scope and budget.subject in (counter.subject, '*')
      and budget.period = counter.period
  )`)

/** Lets `budget.threshold` happen again where a raised limit has put the threshold above what is used. */
const RESET_THRESHOLDS = unprepared(`
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
  from locked where counter.id = locked.id`)

/**
 * Sets a budget. It holds from the next model call on, and what its period has used so far counts, calls under way included.
 *
 * A new budget is inserted while nobody reserves or settles: an attempt that is reserved later sees the budget, an earlier one is
 * seen when the usage is counted. The rest holds up no model call.
 *
 * @throws {AttemptsLocked}
 */
export async function putBudget(database: Database, budget: NewBudget): Promise<Budget> {
  const key = keyValues(budget)
  const values = {
    ...key,
    limit_micro_usd: budget.limitMicroUsd,
    limit_tokens: budget.limitTokens,
    on_reached: budget.onReached,
    threshold: budget.threshold,
    by: storableText(budget.by),
  }
  const set = await database.transaction(async (tx) => {
    const update = async () => (await tx.query(UPDATE.with(values))).length > 0
    if (!(await update())) {
      await lockModelAttempts(tx)
      if (!(await update())) {
        await tx.query(DELETE_STALE_COUNTERS.with(key))
        await tx.query(INSERT.with(values))
      }
    }
    await tx.query(RESET_THRESHOLDS.with(key))
    return findBudget(tx, budget)
  })
  await openCounters(database, budget)
  // Somebody may have deleted it since: it was set all the same.
  const stored = (await findBudget(database, budget)) ?? set
  if (stored === null) throw new Error('The budget is not there in the transaction that has set it.')
  return stored
}

/** All budgets of a tenant. */
export async function listBudgets(db: Db, tenant: string): Promise<Budget[]> {
  return (await db.query<BudgetColumns>(LIST.with({ tenant }))).map(toBudget)
}

export async function findBudget(db: Db, key: BudgetKey): Promise<Budget | null> {
  const [row] = await db.query<BudgetColumns>(FIND.with(keyValues(key)))
  return row === undefined ? null : toBudget(row)
}

/** Returns the deleted budget; null where there was none. */
export async function deleteBudget(database: Database, key: BudgetKey): Promise<Budget | null> {
  return database.transaction(async (tx) => {
    const budget = await findBudget(tx, key)
    await tx.query(DELETE.with(keyValues(key)))
    return budget
  })
}

function keyValues({ tenant, scope, subject, period }: BudgetKey) {
  return { tenant, scope, subject: storableText(subject), period }
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
