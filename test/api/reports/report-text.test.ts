import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reportCsv } from '../../../src/api/reports/report-csv.ts'
import { reportText } from '../../../src/api/reports/report-text.ts'
import { change } from '../../../src/api/reports/report-words.ts'
import { toReportResource } from '../../../src/api/reports/to-report-resource.ts'
import { dollars } from '../../../src/contracts/operator-words.ts'
import { reportOf, spendOf } from './support/made-up-report.ts'

const support = spendOf({
  costMicroUsd: 12_340_000,
  modelCalls: 120,
  attempts: 130,
  dayBeforeMicroUsd: 10_000_000,
  weekBeforeMicroUsd: 56_000_000,
})
const rest = spendOf({
  costMicroUsd: 1_500,
  modelCalls: 2,
  attempts: 3,
  unknownMicroUsd: 20_000,
  openAttempts: 1,
})
const total = spendOf({
  ...support,
  costMicroUsd: 12_341_500,
  unknownMicroUsd: 20_000,
  modelCalls: 122,
  attempts: 133,
  openAttempts: 1,
})

const busy = toReportResource(
  reportOf({
    total,
    byAgent: { rows: [{ key: 'support', ...support }], others: { keys: 3, ...rest } },
    byModel: { rows: [{ key: 'openai/large', ...total }], others: null },
    outcomes: [
      { status: 'completed', reason: null, runs: 9 },
      { status: 'incomplete', reason: 'budget', runs: 1 },
    ],
    mostExpensiveRuns: [
      {
        runId: 'run_a',
        agent: 'support',
        principal: 'ann',
        costMicroUsd: 2_000_000,
        unknownMicroUsd: 0,
        attempts: 5,
      },
    ],
    failingTools: [{ tool: 'pay', calls: 4, failed: 2, unknown: 1, code: 'tool_timed_out' }],
    refusingTools: [{ tool: 'find', calls: 10, refused: 3, code: 'tool_not_found' }],
    failingModels: [{ model: 'openai/large', attempts: 133, failed: 11, code: 'model_overloaded' }],
    saved: {
      answerCache: { hits: 3, misses: 1, savedMicroUsd: 30_000 },
      promptCache: { cachedInputTokens: 1, savedMicroUsd: -500 },
      routing: { answers: 0, savedMicroUsd: 0 },
    },
    budgetsReached: [
      { scope: 'principal', subject: 'ann', limit: 'cost', period: 'day', times: 2, runs: 1 },
      { scope: 'run', subject: 'support', limit: 'steps', period: null, times: 1, runs: 1 },
    ],
    unpriced: [{ model: 'openai/new', attempts: 7 }],
  }),
)

test('a busy day as text', () => {
  assert.equal(
    reportText(busy),
    `acme: Tuesday 12 March 2024 (Europe/Berlin)

$12.34 spent in 122 model calls (133 attempts)
$10.00 the day before (+23 %), $8.00 in the mean of the 7 days before (+54 %)
up to $0.0200 more, for attempts whose end or price nobody knows
1 attempt not settled when the report was made

By agent      spent  day before  7-day mean  against it  calls
  support    $12.34      $10.00       $8.00       +54 %    120
  3 others  $0.0015       $0.00       $0.00         new      2

By model         spent  day before  7-day mean  against it  calls
  openai/large  $12.34      $10.00       $8.00       +54 %    122

Most expensive runs
  run_a  $2.00  support, ann

Runs that ended
  completed           9  90 %
  incomplete, budget  1  10 %

Tools that failed
  pay  3 of 4  75 %  1 of unknown effect, tool_timed_out

Tools that said no
  find  3 of 10  30 %  tool_not_found

Models that failed
  openai/large  11 of 133 attempts  8 %  model_overloaded

Saved
  by answers given again          $0.0300    3 of 4 calls
  by providers' prompt caches  -$0.000500  1 cached token

Budgets reached
  principal ann    cost a day  2 times in 1 run
  runs of support  steps        1 time in 1 run

Calls without a price
  openai/new  7 attempts
`,
  )
})

test('a day without traffic is three lines', () => {
  assert.equal(
    reportText(toReportResource(reportOf())),
    `acme: Tuesday 12 March 2024 (Europe/Berlin)

$0.00 spent in 0 model calls (0 attempts)
$0.00 the day before (the same), $0.00 in the mean of the 7 days before (the same)
`,
  )
})

test('a day that is not over says so', () => {
  const text = reportText(toReportResource(reportOf({ isOver: false })))
  assert.match(text, /^The day is not over: this is what there is until 2024-03-12T23:30:00.000Z\.$/m)
})

test('a name cannot move the cursor, nor begin a line of its own', () => {
  const byPrincipal = { rows: [{ key: 'eve\u001b[2J\nroot', ...spendOf({}) }], others: null }
  const text = reportText(toReportResource(reportOf({ byPrincipal })))
  assert.match(text, /^ {2}eve\\u001b\[2J\\nroot /m)
})

test('amounts are as exact as they are small', () => {
  const amounts = [0, 1, 999, 1_000, 12_345, 999_999, 1_000_000, 1_234_567, -2_500_000]
  assert.deepEqual(amounts.map(dollars), [
    '$0.00',
    '$0.000001',
    '$0.000999',
    '$0.0010',
    '$0.0123',
    '$1.0000',
    '$1.00',
    '$1.23',
    '-$2.50',
  ])
  assert.deepEqual(
    [change(3, 2), change(1, 2), change(2, 2), change(5, 0), change(0, 0), change(0, 5)],
    ['+50 %', '-50 %', 'the same', 'new', 'the same', '-100 %'],
  )
})

test('spend as CSV: a line for the total, each agent, model and principal, and those beyond the rows', () => {
  const [head, ...lines] = reportCsv(busy).split('\r\n')
  assert.equal(
    head,
    'tenant,day,by,key,cost_micro_usd,unknown_micro_usd,input_tokens,output_tokens,model_calls,attempts,open_attempts,unpriced_attempts,day_before_micro_usd,week_mean_micro_usd',
  )
  assert.deepEqual(lines, [
    'acme,2024-03-12,total,,12341500,20000,0,0,122,133,1,0,10000000,8000000',
    'acme,2024-03-12,agent,support,12340000,0,0,0,120,130,0,0,10000000,8000000',
    'acme,2024-03-12,agent,,1500,20000,0,0,2,3,1,0,0,0',
    'acme,2024-03-12,model,openai/large,12341500,20000,0,0,122,133,1,0,10000000,8000000',
    '',
  ])
})

test('a name in CSV is no formula to a spreadsheet, and stays one cell', () => {
  const rows = ['=HYPERLINK("http://x")', '@sum', 'ann,bob'].map((key) => ({ key, ...spendOf({}) }))
  const csv = reportCsv(toReportResource(reportOf({ byPrincipal: { rows, others: null } })))
  const keys = csv
    .split('\r\n')
    .slice(2, -1)
    .map((line) => line.slice('acme,2024-03-12,principal,'.length, -',0'.length * 10))
  assert.deepEqual(keys, [`"'=HYPERLINK(""http://x"")"`, `'@sum`, '"ann,bob"'])
})
