import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { delayOf, TIMING } from '../../src/client/transport/timing.ts'
import { COMMAND_LINE } from '../../src/policies/command-line.ts'
import { freedUrl } from '../activities/models/support/raw-server.ts'
import { cut, event, json, problem, startScriptedApi, stream } from '../client/support/scripted-api.ts'
import { holdfast } from './support/holdfast.ts'

/* What a command does, as a process, whose API is away before the run has ended. */

const ID = `run_${'0'.repeat(26)}`
const RUN = { object: 'run', id: ID, status: 'completed', output: 'Done.' }
const AWAY = /^No API answers at http.*\. It is asked again for some minutes\.$/gm
const variables = { HOLDFAST_API_KEY: 'hf_key' }

describe('a command whose API is away', () => {
  it('waits for minutes where it waits for a run', () => {
    const timing = { ...TIMING, ...COMMAND_LINE.patient }
    const waitedMs = (random: number) => {
      const delays = Array.from({ length: timing.retries }, (_, made) => delayOf(timing, made, random))
      return delays.reduce((sum, delay) => sum + delay, 0)
    }
    assert.ok(waitedMs(1) >= 120_000)
    assert.ok(waitedMs(0) <= 300_000)
  })

  it('says once that it goes on asking, and misses nothing', async () => {
    const first = stream({ entries: [event(1, 'run.queued', { agent: 'a' })], close: 'cut' })
    const rest = stream({ entries: [event(2, 'run.completed')], close: 'end' })
    await using api = await startScriptedApi(first, cut, cut, rest, json(RUN))
    const { code, out, err } = await holdfast(['runs', 'tail', ID, '--url', api.url], variables)
    assert.deepEqual([code, err.match(AWAY)?.length], [0, 1], err)
    assert.match(out, /queued .*\n.*run\.completed\nDone\.\n$/)
    assert.equal(api.requests[3]?.headers['last-event-id'], '1')
  })

  it('repeats a start under one key of its own, and follows the run that it made', async () => {
    const end = stream({ entries: [event(1, 'run.completed')], close: 'end' })
    await using api = await startScriptedApi(cut, json(RUN, 202), end, json(RUN))
    const args = ['runs', 'start', 'desk', 'hello', '--wait', '--url', api.url]
    const { code, out, err } = await holdfast(args, variables)
    assert.deepEqual([code, out], [0, 'Done.\n'], err)
    assert.match(err, new RegExp(`^Run ${ID} is started\\.$`, 'm'))
    const [one, other] = api.requests.map(({ headers }) => headers['idempotency-key'])
    assert.match(String(one), /^[0-9a-f]{32}$/)
    assert.equal(one, other)
  })

  it('names the run that goes on where the API refuses to tell of it', async () => {
    await using api = await startScriptedApi(json(RUN, 202), problem(403, 'insufficient_scope'))
    const args = ['runs', 'start', 'desk', 'hello', '--wait', '--url', api.url]
    const { code, err } = await holdfast(args, variables)
    assert.equal(code, 4)
    assert.match(err, new RegExp(`^Run ${ID} goes on .*"holdfast runs tail ${ID}"\\.$`, 'm'))
  })

  it('names the key under which a start that nobody has answered is repeated', async () => {
    const url = await freedUrl()
    const { code, err } = await holdfast(['runs', 'start', 'desk', 'hello', '--url', url], variables)
    assert.equal(code, 5)
    assert.match(err, /^It is not known whether the run was started\. .*--idempotency-key [0-9a-f]{32} /m)
    await using api = await startScriptedApi(problem(422, 'unknown_agent'))
    const refused = await holdfast(['runs', 'start', 'desk', 'hello', '--url', api.url], variables)
    assert.deepEqual([refused.code, refused.err], [4, 'It is unknown_agent.\n'])
  })

  it('names the run and the thread of a conversation that it cannot go on with', async () => {
    const agents = json({ object: 'list', data: [{ name: 'desk' }], has_more: false, next: null })
    const begun = [agents, json({ object: 'thread', id: 'thr_1' }, 201)]
    const talk = (url: string) =>
      holdfast(['threads', 'chat', '--agent', 'desk', '--url', url], variables, 'hello\n')

    await using blind = await startScriptedApi(
      ...begun,
      json({ ...RUN, thread_id: 'thr_1' }, 202),
      problem(403, 'insufficient_scope'),
    )
    const left = await talk(blind.url)
    assert.equal(left.code, 4)
    assert.match(left.err, new RegExp(`^Run ${ID} goes on .*, then talk on with --thread thr_1\\.$`, 'm'))

    await using broken = await startScriptedApi(...begun, problem(500, 'internal'))
    const unknown = await talk(broken.url)
    assert.equal(unknown.code, 5)
    assert.match(unknown.err, /^It is not known whether the message was taken: /m)
  })
})
