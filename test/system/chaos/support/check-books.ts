import assert from 'node:assert/strict'
import { isTerminal, type RunStatus } from '../../../../src/contracts/runs/run.ts'
import type { RecordedRequest } from '../../../../src/testing/recorded-request.ts'
import type { ChaosSystem } from './chaos-system.ts'

interface Books {
  readonly status: RunStatus
  readonly steps: number
  readonly modelCalls: number
  readonly toolCalls: number
  readonly storedModelCalls: readonly { readonly step: number; readonly requestId: string }[]
  readonly storedToolCalls: number
  readonly places: readonly number[]
  readonly events: readonly { readonly seq: number; readonly type: string; readonly code: string | null }[]
}

/** What its sub-agents have brought back is in the run's counters, but not in its own books. */
const BOOKS = `
  select status, steps, runs.model_calls - of_children.model_calls as "modelCalls",
    runs.tool_calls - of_children.tool_calls as "toolCalls",
    (select json_agg(json_build_object('step', step, 'requestId', request_id) order by step)
      from model_calls where run_id = runs.id) as "storedModelCalls",
    (select count(*)::integer from tool_calls where run_id = runs.id and status in ('done', 'unknown')) as "storedToolCalls",
    (select json_agg(seq order by seq) from messages where run_id = runs.id) as places,
    (select json_agg(json_build_object('seq', seq, 'type', type, 'code', data ->> 'code') order by seq)
      from run_events where run_id = runs.id) as events
  from runs cross join lateral (
    select coalesce(sum(child.model_calls), 0)::integer as model_calls,
      coalesce(sum(child.tool_calls), 0)::integer as tool_calls
    from runs as child where child.parent_run_id = runs.id and child.returned
  ) as of_children
  where id = $1`

/** Of calls that were never made. */
const NOT_MADE: ReadonlySet<string | null> = new Set(['tool_denied', 'tool_budget_reached'])

/**
 * What must hold of a run that has ended, whatever died on the way: one answer a step, each of a request that the provider
 * has charged; counters that agree with what is counted; a transcript and events without gaps, told once.
 */
export async function checkBooks(
  { database, provider }: Pick<ChaosSystem, 'database' | 'provider'>,
  runId: string,
): Promise<Books> {
  const [books] = await database.query<Books>({ text: BOOKS, values: [runId] })
  assert.ok(books)
  const { storedModelCalls, events, places } = books
  const types = events.map(({ type }) => type)

  assert.deepEqual(
    storedModelCalls.map(({ step }) => step),
    upTo(1, books.steps),
  )
  const charged = new Set(chargedRequests(provider.requests).map(({ requestId }) => requestId))
  assert.ok(
    storedModelCalls.every(({ requestId }) => charged.has(requestId)),
    'an answer was stored that the provider has not given to its end',
  )
  assert.equal(books.modelCalls, storedModelCalls.length)
  assert.equal(types.filter((type) => type === 'model.completed').length, storedModelCalls.length)
  assert.equal(books.toolCalls, books.storedToolCalls)
  const told = events.filter(
    ({ type, code }) => /^tool\.(completed|failed)$/.test(type) && !NOT_MADE.has(code),
  )
  assert.equal(told.length, books.storedToolCalls)

  assert.deepEqual(places, upTo(0, places.length - 1))
  assert.deepEqual(
    events.map(({ seq }) => seq),
    upTo(1, events.length),
  )
  const ends = types.filter((type) => isTerminal(type.slice('run.'.length) as RunStatus))
  assert.deepEqual(ends, [`run.${books.status}`])
  assert.equal(types.at(-1), ends[0])
  return books
}

/** Answers that were given to their end: a real provider would bill them. */
export function chargedRequests(requests: readonly RecordedRequest[]): readonly RecordedRequest[] {
  return requests.filter(({ charged }) => charged !== null)
}

function upTo(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
