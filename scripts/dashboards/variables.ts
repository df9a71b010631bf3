import type { Variable } from './dashboard.ts'

export const AGENT: Variable = { name: 'agent', metric: 'holdfast_runs_accepted_total', label: 'agent' }
export const PROVIDER: Variable = {
  name: 'provider',
  metric: 'holdfast_model_attempts_total',
  label: 'provider',
}
export const MODEL: Variable = { name: 'model', metric: 'holdfast_model_attempts_total', label: 'model' }
export const TOOL: Variable = { name: 'tool', metric: 'holdfast_tool_attempts_total', label: 'tool' }
