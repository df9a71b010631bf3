/** Assignments of `update runs` that add a sub-agent's usage, which `from` has in columns of the same names. */
export function usageAdded(from: string): string {
  return COLUMNS.map((column) => `${column} = runs.${column} + ${from}.${column}`).join(',\n')
}

const COLUMNS = [
  'input_tokens',
  'cached_input_tokens',
  'prompt_cache_saved_micro_usd',
  'output_tokens',
  'cost_micro_usd',
  'settled_micro_usd',
  'unknown_micro_usd',
  'unknown_tokens',
  'model_calls',
  'attempts',
]
