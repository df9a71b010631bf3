import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createClient, HoldfastError, type RunStreamEntry, type Timing } from '../../src/client/index.ts'
import {
  cut,
  event,
  json,
  noContent,
  problem,
  type ScriptedApi,
  startScriptedApi,
  stream,
} from './support/scripted-api.ts'

const QUICK: Partial<Timing> = { firstDelayMs: 5, longestDelayMs: 20, retries: 2, silenceMs: 200 }
const DELTA = {
  object: 'delta',
  run_id: 'run_1',
  type: 'model.delta',
  step: 1,
  hop: 0,
  attempt: 1,
  text: 'Hi',
}

const clientOf = ({ url }: ScriptedApi) => createClient({ url, timing: QUICK })

async function read(api: ScriptedApi, after?: number): Promise<(number | string)[]> {
  const seen: (number | string)[] = []
  const options = after === undefined ? {} : { after }
  for await (const entry of clientOf(api).runs.stream('run_1', options)) seen.push(nameOf(entry))
  return seen
}

const nameOf = (entry: RunStreamEntry) => (entry.object === 'event' ? entry.seq : entry.type)
const placesOf = (api: ScriptedApi) => api.requests.map(({ headers }) => headers['last-event-id'])

describe('the stream of a run', () => {
  it('ends with the run, without another request', async () => {
    await using api = await startScriptedApi(
      stream({ entries: [event(1, 'run.queued'), DELTA, event(2, 'run.completed')], close: 'end' }),
    )
    assert.deepEqual(await read(api), [1, 'model.delta', 2])
    assert.equal(api.requests[0]?.headers.accept, 'text/event-stream')
  })

  it('goes on behind the last event where the connection breaks in the middle of one', async () => {
    await using api = await startScriptedApi(
      stream({ entries: [event(1, 'run.queued'), event(2, 'run.started'), DELTA], close: 'cut' }),
      stream({ entries: [DELTA, event(3, 'run.failed')], close: 'end' }),
    )
    assert.deepEqual(await read(api), [1, 2, 'model.delta', 'model.delta', 3])
    assert.deepEqual(placesOf(api), ['0', '2'])
  })

  it('is opened again where the API ends it before the run has ended', async () => {
    await using api = await startScriptedApi(
      stream({ entries: [event(1, 'run.queued')], close: 'end' }),
      problem(503, 'unavailable', { 'retry-after': '0' }),
      cut,
      stream({ entries: [event(2, 'run.cancelled')], close: 'end' }),
    )
    assert.deepEqual(await read(api), [1, 2])
    assert.deepEqual(placesOf(api), ['0', '1', '1', '1'])
  })

  it('is opened again where it falls silent', async () => {
    await using api = await startScriptedApi(
      stream({ entries: [event(1, 'run.queued')], close: 'silent' }),
      stream({ entries: [event(2, 'run.expired')], close: 'end' }),
    )
    assert.deepEqual(await read(api), [1, 2])
  })

  it('asks again after an end that a broken connection may have hidden a resumption behind', async () => {
    await using api = await startScriptedApi(
      stream({ entries: [event(1, 'run.incomplete')], close: 'cut' }),
      stream({ entries: [event(2, 'run.resumed'), event(3, 'run.completed')], close: 'end' }),
    )
    assert.deepEqual(await read(api), [1, 2, 3])
  })

  it('is empty where the run has ended and all its events are known', async () => {
    await using api = await startScriptedApi(noContent)
    assert.deepEqual(await read(api, 7), [])
    assert.deepEqual(placesOf(api), ['7'])
  })

  it('fails where nothing comes over several connections in a row', async () => {
    const empty = stream({ entries: [], close: 'end' })
    await using api = await startScriptedApi(empty, empty, empty, empty)
    await assert.rejects(read(api), (error: HoldfastError) => error.code === 'no_answer')
    assert.equal(api.requests.length, 3)
  })

  it('fails at once where the key is no longer valid', async () => {
    await using api = await startScriptedApi(
      stream({ entries: [event(1, 'run.queued')], close: 'end' }),
      problem(401, 'unauthenticated'),
    )
    await assert.rejects(read(api), (error: unknown) => {
      assert.ok(error instanceof HoldfastError)
      return error.status === 401
    })
  })

  it('ends with the reason of its signal, and closes its connection when it is left', async () => {
    await using api = await startScriptedApi(
      stream({ entries: [event(1, 'run.queued')], close: 'silent' }),
      stream({ entries: [event(1, 'run.queued')], close: 'silent' }),
    )
    const leave = new AbortController()
    const following = async () => {
      for await (const _ of clientOf(api).runs.stream('run_1', { signal: leave.signal }))
        leave.abort(new Error('enough'))
    }
    const aborted = api.left()
    await assert.rejects(following(), /enough/)
    await aborted
    const left = api.left()
    for await (const _ of clientOf(api).runs.stream('run_1')) break
    await left
  })
})

describe('waiting for a run', () => {
  it('begins with the API holding its answer back, and goes on over the stream', async () => {
    await using api = await startScriptedApi(
      json({ object: 'run', id: 'run_1', status: 'in_progress' }, 202),
      stream({ entries: [event(1, 'run.queued'), event(2, 'run.completed')], close: 'end' }),
      json({ object: 'run', id: 'run_1', status: 'completed', output: 'Done.' }),
    )
    const run = await clientOf(api).runs.startAndWait({ agent: 'a', input: 'x' })
    assert.equal(run.output, 'Done.')
    assert.match(String(api.requests[0]?.headers['prefer']), /^wait=\d+$/)
  })

  it('takes one request where the run ends at once', async () => {
    await using api = await startScriptedApi(json({ object: 'run', id: 'run_1', status: 'completed' }))
    assert.equal((await clientOf(api).runs.startAndWait({ agent: 'a', input: 'x' })).status, 'completed')
    assert.equal(api.requests.length, 1)
  })

  it('stops at a question to a person where that is asked for', async () => {
    await using api = await startScriptedApi(
      stream({ entries: [event(1, 'run.queued'), event(2, 'approval.requested')], close: 'silent' }),
      json({ object: 'run', id: 'run_1', status: 'requires_action' }),
    )
    const run = await clientOf(api).runs.wait('run_1', { until: 'action' })
    assert.equal(run.status, 'requires_action')
  })
})
