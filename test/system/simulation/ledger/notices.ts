import type { BudgetNotice, RecordBudgetInput } from '../../../../src/contracts/budgets/budget.ts'
import type { RunState } from '../../../../src/workflows/state/run-state.ts'
import { type Ledger, must } from './ledger.ts'

/** What became of the budget goes on the record: each thing once, in the order in which it happened. */
export function observeNotices(ledger: Ledger, input: Omit<RecordBudgetInput, 'run'>): void {
  const { budget } = ledger
  const { notices } = budget
  must(input.notices.length > 0, 'there is something to put on the record')
  for (const notice of input.notices) {
    must(mayFollow(notices, notice), `notices are in order (${notices.at(-1)} ${notice})`)
    notices.push(notice)
  }
  const saysAll = notices.filter((notice) => notice === 'changed').length === budget.accepted
  if (saysAll && input.notices.includes('finishing')) {
    budget.finishing = notices.lastIndexOf('finishing') > notices.lastIndexOf('changed')
  }
  must(input.progress === notices.length, 'each notice is put on the record once')
  must(same(input.limits, budget.limits), 'the limits on record are those that people set')
  budget.recordedWait = input.waits?.reached ?? null
}

function mayFollow(notices: readonly BudgetNotice[], notice: BudgetNotice): boolean {
  const lastOf = (...some: BudgetNotice[]) => notices.findLast((one) => some.includes(one))
  switch (notice) {
    case 'resumed':
      return lastOf('reached', 'resumed', 'degraded', 'finishing') === 'reached'
    case 'degraded':
    case 'finishing':
      return notices.at(-1) === 'reached'
    case 'threshold':
      return lastOf('threshold', 'changed') !== 'threshold'
    default:
      return true
  }
}

/** All that happened is on the record when the run is over. */
export function observeLastNotices({ budget }: Ledger, { budget: { progress } }: RunState): void {
  const { notices, accepted, waits } = budget
  const count = (wanted: BudgetNotice) => notices.filter((notice) => notice === wanted).length
  must(notices.length === progress, 'no notice is lost')
  must(count('changed') === accepted, 'every change is on the record')
  must(count('reached') >= waits, 'every wait is on the record')
}

function same(left: object, right: object): boolean {
  const sorted = (value: object) => JSON.stringify(Object.entries(value).sort())
  return sorted(left) === sorted(right)
}
