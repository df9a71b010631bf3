import type { Command } from 'commander'
import { day, USAGE_GROUPS } from '../../api/budgets/usage.schema.ts'
import type { Input, Usage } from '../../client/index.ts'
import { dollars } from '../../contracts/operator-words.ts'
import { type ApiOptions, withApiOptions } from '../api/api-command.ts'
import { useApi } from '../api/use-api.ts'
import { sayJson, sayTable } from '../output.ts'
import { createProgram } from '../program.ts'

type Query = Input<'GET /v1/usage'>['query']
interface UsageOptions extends ApiOptions, Pick<Query, 'from' | 'to'> {
  readonly by: Query['group_by']
}

/** `holdfast usage`: what was used, by agent, model, principal or day. */
export function usageProgram(): Command {
  const program = withApiOptions(createProgram('usage'))
  const dayOf = (name: string) => (text: string) =>
    day.safeParse(text).success ? text : program.error(`${name} is not a day, such as 2026-11-27.`)
  return program
    .addOption(program.createOption('--by <what>', 'what a row is').choices(USAGE_GROUPS).default('agent'))
    .option('--from <day>', 'first day; from the beginning where it is not given', dayOf('--from'))
    .option('--to <day>', 'last day; until now where it is not given', dayOf('--to'))
    .action(printUsage)
}

async function printUsage({ by, from, to, ...options }: UsageOptions): Promise<void> {
  const query = { group_by: by, ...(from && { from }), ...(to && { to }) }
  const found = await useApi(options, (client) => client.request('GET /v1/usage', { query }))
  if (options.json) sayJson(found)
  else
    sayTable(
      [by, 'cost', 'unknown', 'runs', 'model calls', 'tokens in', 'cached', 'tokens out'],
      found.data.map(rowOf),
      'Nothing was used.',
    )
}

function rowOf(row: Usage['data'][number]): string[] {
  return [
    row.key,
    dollars(row.cost_micro_usd),
    dollars(row.unknown_micro_usd),
    ...[row.runs, row.model_calls, row.input_tokens, row.cached_input_tokens, row.output_tokens].map(String),
  ]
}
