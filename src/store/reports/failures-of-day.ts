import { IN_DAY_OF_CALL } from './runs-of-day.ts'

/** Of an ended call: the tool has said no in its own words. Nothing is broken. */
const IS_REFUSED = `coalesce(outcome ->> 'code', '') in ('tool_refused', 'tool_not_found')`
const HAS_FAILED = `(outcome ->> 'status' <> 'ok' and not ${IS_REFUSED})`

const ENDED_CALLS = `
      from tool_calls join active on active.id = tool_calls.run_id
      where tool_calls.status in ('done', 'unknown') and ${IN_DAY_OF_CALL}
      group by tool`

/** Tools whose calls have failed, the most failures first. Stands after `RUNS_OF_DAY`. */
export const FAILING_TOOLS = `(
    select coalesce(json_agg(failing), '[]') from (
      select tool, count(*) as calls,
        count(*) filter (where outcome ->> 'status' = 'failed' and ${HAS_FAILED}) as failed,
        count(*) filter (where outcome ->> 'status' = 'outcome_unknown') as unknown,
        mode() within group (order by outcome ->> 'code') filter (where ${HAS_FAILED}) as code
      ${ENDED_CALLS}
      having count(*) filter (where ${HAS_FAILED}) > 0
      order by count(*) filter (where ${HAS_FAILED}) desc, calls desc, tool collate "C" limit :most_tools
    ) as failing
  )`

/** Tools that have said no, the most often first. Stands after `RUNS_OF_DAY`. */
export const REFUSING_TOOLS = `(
    select coalesce(json_agg(refusing), '[]') from (
      select tool, count(*) as calls, count(*) filter (where ${IS_REFUSED}) as refused,
        mode() within group (order by outcome ->> 'code') filter (where ${IS_REFUSED}) as code
      ${ENDED_CALLS}
      having count(*) filter (where ${IS_REFUSED}) > 0
      order by refused desc, calls desc, tool collate "C" limit :most_refusing
    ) as refusing
  )`

/** Of an attempt of a model. One that its run has stopped says nothing of the model. */
const ATTEMPT_HAS_FAILED = `(status = 'failed' and code is distinct from 'model_call_stopped')`

/** Models whose attempts have failed, the most failures first. */
export const FAILING_MODELS = `(
    select coalesce(json_agg(failing), '[]') from (
      select provider || '/' || model as model, count(*) as attempts,
        count(*) filter (where ${ATTEMPT_HAS_FAILED}) as failed,
        mode() within group (order by code) filter (where ${ATTEMPT_HAS_FAILED}) as code
      from model_attempts where tenant = :tenant and day = :day::date
      group by 1
      having count(*) filter (where ${ATTEMPT_HAS_FAILED}) > 0
      order by failed desc, attempts desc, (provider || '/' || model) collate "C" limit :most_models
    ) as failing
  )`
