import type { RunSpent } from '../../contracts/budgets/budget.ts'

/** The columns of {@link RunSpent}, of `runs`. */
export const SPENT_COLUMNS = `
  runs.cost_micro_usd + runs.unknown_micro_usd as "costMicroUsd", runs.unknown_micro_usd as "unknownMicroUsd",
  runs.input_tokens + runs.output_tokens + runs.unknown_tokens as tokens, runs.attempts as "modelCalls"`

/** Picks them out of a row that has more. */
export function toSpent({ costMicroUsd, unknownMicroUsd, tokens, modelCalls }: RunSpent): RunSpent {
  return { costMicroUsd, unknownMicroUsd, tokens, modelCalls }
}
