import { parseArgs } from 'node:util'
import { runId } from '../../api/http/requests/ids.schema.ts'
import { toBudgetChange } from '../../api/runs/budget/change-budget.ts'
import { changeBudgetBody } from '../../api/runs/budget/run-budget.schema.ts'
import type { BudgetChange } from '../../contracts/budgets/budget.ts'
import type { RunId } from '../../contracts/runs/run.ts'
import { signBudgetChange } from '../../security/budget-change-signature.ts'

const NAMES = ['cost_micro_usd', 'tokens', 'model_calls', 'tool_calls', 'steps', 'active_ms'] as const

/** The change of a run's budget that a command line describes, signed. @throws what is wrong with it */
export function signedBudgetChange(args: readonly string[], findSecret: () => string): BudgetChange {
  const amounts = NAMES.flatMap((name) => [toOption(`max_${name}`), toOption(`add_${name}`)])
  const { values } = parseArgs({
    args: [...args],
    options: Object.fromEntries(['run', 'by', ...amounts].map((name) => [name, { type: 'string' as const }])),
  })
  const numbers = (prefix: 'max_' | 'add_', named: (name: string) => string) =>
    Object.fromEntries(
      NAMES.flatMap((name) => {
        const value = values[toOption(prefix + name)]
        return value === undefined ? [] : [[named(name), Number(value)]]
      }),
    )
  const run = runId.parse(values['run']) as RunId
  const by = String(values['by'] ?? '')
  if (by === '') throw new TypeError('Nobody is named.')
  const added = numbers('add_', (name) => name)
  const body = changeBudgetBody.parse({
    ...numbers('max_', (name) => `max_${name}`),
    ...(Object.keys(added).length > 0 && { add: added }),
  })
  const change = toBudgetChange(body, by, null)
  return { ...change, signature: signBudgetChange(findSecret(), run, change) }
}

function toOption(name: string): string {
  return name.replaceAll('_', '-')
}
