import type { Command } from 'commander'
import { day, USAGE_GROUPS } from '../../api/budgets/usage.schema.ts'
import { usageCsv } from '../../api/budgets/usage-csv.ts'
import type { Input, Usage } from '../../client/index.ts'
import { dollars } from '../../contracts/operator-words.ts'
import { type ApiOptions, withApiOptions } from '../api/api-command.ts'
import { useApi } from '../api/use-api.ts'
import { sayJson, sayTable } from '../output.ts'
import { createProgram } from '../program.ts'

type Query = Input<'GET /v1/usage'>['query']
interface UsageOptions extends ApiOptions, Pick<Query, 'from' | 'to'> {
  readonly by: Query['group_by']
  readonly csv?: true
}

/** `holdfast usage`: what was used, by agent, model, principal, day or thread. */
export function usageProgram(): Command {
  const program = withApiOptions(createProgram('usage'))
  const dayOf = (name: string) => (text: string) =>
    day.safeParse(text).success ? text : program.error(`${name} is not a day, such as 2026-11-27.`)
  return program
    .addOption(program.createOption('--by <what>', 'what a row is').choices(USAGE_GROUPS).default('agent'))
    .option('--from <day>', 'first day; from the beginning where it is not given', dayOf('--from'))
    .option('--to <day>', 'last day; until now where it is not given', dayOf('--to'))
    .addOption(program.createOption('--csv', 'for a spreadsheet').conflicts('json'))
    .action(printUsage)
}

/** Prints all pages as one. */
async function printUsage({ by, from, to, csv, ...options }: UsageOptions): Promise<void> {
  const query = { group_by: by, ...(from && { from }), ...(to && { to }) }
  const rows = await useApi(options, async (client) => {
    const all: Usage['data'] = []
    for await (const row of client.all('GET /v1/usage', { query })) all.push(row)
    return all
  })
  if (options.json) {
    const days = { from: from ?? null, to: to ?? null }
    sayJson({
      object: 'usage',
      group_by: by,
      ...days,
      data: rows,
      has_more: false,
      next: null,
    } satisfies Usage)
  } else if (csv) process.stdout.write(usageCsv(by, rows))
  else
    sayTable(
      [by, 'cost', 'unknown', 'runs', 'model calls', 'tokens in', 'cached', 'tokens out'],
      rows.map(rowOf),
      'Nothing was used.',
    )
}

function rowOf(row: Usage['data'][number]): string[] {
  return [
    row.key === '' ? '–' : row.key,
    dollars(row.cost_micro_usd),
    dollars(row.unknown_micro_usd),
    ...[row.runs, row.model_calls, row.input_tokens, row.cached_input_tokens, row.output_tokens].map(String),
  ]
}
