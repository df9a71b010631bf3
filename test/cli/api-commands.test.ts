import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  type Approval,
  createClient,
  type HoldfastClient,
  type Run,
  type RunStreamEntry,
} from '../../src/client/index.ts'
import type { Script } from '../../src/testing/script.ts'
import { freedUrl } from '../activities/models/support/raw-server.ts'
import { makeKey } from '../api/support/test-keys.ts'
import { PAY } from '../support/office/scripts.ts'
import { firstWords } from '../support/office/words.ts'
import { type Environment, startEnvironment } from '../support/start-environment.ts'
import { holdfast } from './support/holdfast.ts'
import { startTalk } from './support/start-talk.ts'

/* The commands as processes, against a whole system that asks for keys. */

const ID = `run_${'0'.repeat(26)}`

const script: Script = ({ messages }) => {
  const hasActed = messages.some(({ role }) => role === 'tool')
  if (firstWords(messages).startsWith('pay') && !hasActed) return { toolCalls: [PAY] }
  return { text: `You said: ${firstWords(messages)}` }
}

describe('the commands that ask the API', () => {
  let environment: Environment
  let client: HoldfastClient
  let variables: Record<string, string>

  before(async () => {
    environment = await startEnvironment({ script, secret: 's'.repeat(32) })
    const key = await makeKey(environment.database, { principal: 'ann' })
    const { url } = environment.service
    client = createClient({ url, key: key.text })
    variables = { HOLDFAST_API_URL: url, HOLDFAST_API_KEY: key.text }
  })
  after(() => environment.close())

  const run = (...args: string[]) => holdfast(args, variables)
  const command = (...args: string[]) => startTalk(process.execPath, ['src/cli/main.ts', ...args], variables)
  const parsed = <T>(out: string): T[] =>
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as T)

  /** What waits for a person, as soon as something does. */
  async function pending(): Promise<Approval> {
    for (;;) {
      const query = { status: 'pending' } as const
      const headers = { prefer: 'wait=20' }
      const [approval] = (await client.request('GET /v1/approvals', { query, headers })).data
      if (approval !== undefined) return approval
    }
  }

  it('start a run, wait for it and print its answer', async () => {
    const waited = await run('runs', 'start', 'assistant', 'hello', '--wait', '--metadata', 'ticket=47')
    assert.deepEqual([waited.code, waited.out], [0, 'You said: hello\n'])
    assert.match(waited.err, /^Run run_\w+ is started\.\n$/)

    const piped = await holdfast(['runs', 'start', 'assistant', '-', '--wait'], variables, 'from a file')
    assert.equal(piped.out, 'You said: from a file\n')

    const [listed] = parsed<Run>((await run('runs', 'list', '--json', '--metadata', 'ticket=47')).out)
    assert.deepEqual([listed?.status, listed?.principal], ['completed', 'ann'])
  })

  it('start the same run for the same key', async () => {
    const start = () => run('runs', 'start', 'assistant', 'once', '--idempotency-key', 'k-1')
    const [one, other] = [await start(), await start()]
    assert.match(one.out, /^run_\w+\n$/)
    assert.equal(one.out, other.out)
  })

  it('name the argument or the option that the API does not take', async () => {
    for (const [args, mistake] of [
      [[''], /^The input: \S/],
      [['hello', '--deadline-ms', '1', '--wait'], /^--deadline-ms: \S/],
    ] as const) {
      const { code, err } = await run('runs', 'start', 'assistant', ...args)
      assert.match(err, mistake)
      assert.equal(code, 2)
    }
  })

  it('tell what happens, for people and for programs', async () => {
    const tailed = await run('runs', 'start', 'assistant', 'hello', '--tail')
    assert.equal(tailed.code, 0)
    assert.match(tailed.out, /^run +run_\w+$/m)
    assert.match(tailed.out, /^\d\d:\d\d:\d\d {2}started +agent assistant v1/m)
    assert.match(tailed.out, /You said: hello\n$/)
    const [, id = ''] = /^run +(run_\w+)$/m.exec(tailed.out) ?? []

    const { out } = await run('runs', 'tail', id, '--json', '--after', '1')
    const entries = parsed<RunStreamEntry>(out)
    assert.equal(entries[0]?.object === 'event' && entries[0].seq, 2)
    assert.equal(entries.at(-1)?.type, 'run.completed')
  })

  it('show runs as a table and one by one', async () => {
    await run('runs', 'start', 'assistant', 'shown', '--wait')
    const { out } = await run('runs', 'list', '--limit', '1')
    const [headings, row = '', ...rest] = out.trimEnd().split('\n')
    assert.match(headings ?? '', /^id +status +agent +principal +steps +cost +created$/)
    assert.match(row, /^run_\w+ +completed +assistant +ann +1 +\$/)
    assert.deepEqual(rest, [])
    const shown = await run('runs', 'get', row.split(' ')[0] ?? '')
    assert.match(shown.out, /^status +completed$/m)
    assert.match(shown.out, /\n\nYou said: shown\n$/)
  })

  it('show what waits for a person, and decide it as it was shown', async () => {
    const id = (await run('runs', 'start', 'clerk', 'pay ann')).out.trim()
    const approval = await pending()
    const table = await run('approvals', 'list', '--mine')
    assert.match(table.out, new RegExp(`^${approval.id} +pay +clerk +ann +everybody +pending`, 'm'))
    const shown = await run('approvals', 'show', approval.id)
    assert.match(shown.out, new RegExp(`^sha256 +${approval.arguments_sha256}$`, 'm'))
    assert.match(shown.out, /"cents": 6000/)

    for (const [words, mistake] of [
      [['approve', '--sha256', '0000'], /^--sha256: \S/],
      [['edit'], /^--arguments: Missing\.\n$/],
      [['approve', '--message', 'Yes.'], /^--message: Only a rejection/],
    ] as const) {
      const wrong = await run('approvals', 'decide', approval.id, ...words)
      assert.match(wrong.err, mistake)
      assert.equal(wrong.code, 2)
    }
    const stale = await run('approvals', 'decide', approval.id, 'approve', '--sha256', 'f'.repeat(64))
    assert.equal(stale.code, 4)
    const decided = await run('approvals', 'decide', approval.id, 'approve', '--comment', 'Owed.')
    assert.equal(decided.out, `Approval ${approval.id} of pay is approved.\n`)
    const again = await run('approvals', 'decide', approval.id, 'reject')
    assert.equal(again.code, 4)
    const tailed = await run('runs', 'tail', id)
    assert.equal(tailed.code, 0)
    assert.match(tailed.out, /queued {5}for clerk, by ann$/m)
    assert.match(
      tailed.out,
      new RegExp(`approval   pay waits for approval \\(rule [\\w-]+, ${approval.id}\\)$`, 'm'),
    )
    assert.match(tailed.out, new RegExp(`approval   approved by ann \\(${approval.id}\\)$`, 'm'))
  })

  it('tell by the exit code how the run ended that was waited for', async () => {
    const waiting = command('runs', 'start', 'clerk', 'pay', '--wait', '--deadline-ms', '1000000')
    const { id: asked, run_id: id } = await pending()
    await waiting.until(/waits for a decision/)
    const cancelled = await run('runs', 'cancel', id)
    assert.match(cancelled.out, new RegExp(`^Run ${id} was asked to stop\\.`))
    assert.equal(await waiting.ended, 12)
    assert.deepEqual(waiting.output().split('\n'), [
      `Run ${id} is started.`,
      `Run ${id} waits for a decision on ${asked}. Decide with "holdfast approvals decide ${asked} approve".`,
      `Run ${id} ended cancelled: cancel_requested.`,
      '',
    ])
    assert.equal((await run('runs', 'tail', id)).code, 12)
    assert.equal((await run('approvals', 'decide', asked, 'approve')).code, 4)
  })

  it('leave a run at Ctrl-C as it is, and say how to go on', async () => {
    const waiting = command('runs', 'start', 'clerk', 'pay', '--wait')
    await waiting.until(/waits for a decision/)
    waiting.child.kill('SIGINT')
    assert.equal(await waiting.ended, 130)
    const [, id = ''] = /^Run (run_\w+) is started/.exec(waiting.output()) ?? []
    assert.match(
      waiting.output(),
      new RegExp(`^Run ${id} goes on without this command\\. .*"holdfast runs tail ${id}"\\.$`, 'm'),
    )
    assert.equal((await client.runs.get(id)).status, 'requires_action')
    await client.runs.cancel(id)
    assert.equal((await client.runs.wait(id)).status, 'cancelled')
  })

  it('tell what was used', async () => {
    const { out } = await run('usage', '--by', 'principal')
    assert.match(out, /^principal +cost +unknown +runs/)
    assert.match(out, /^ann +\$/m)
    const [usage] = parsed<{ group_by: string }>((await run('usage', '--by', 'day', '--json')).out)
    assert.equal(usage?.group_by, 'day')
    const csv = await run('usage', '--by', 'thread', '--csv')
    assert.match(csv.out, /^by,key,cost_micro_usd,.+\r\nthread,,\d+,/)
    assert.equal((await run('usage', '--csv', '--json')).code, 2)
  })

  it('list the runs that a credential has started', async () => {
    const started = await client.request('POST /v1/runs', { body: { agent: 'assistant', input: 'Hello' } })
    assert.ok(started.started_by)
    const list = (id: string) => run('runs', 'list', '--json', '--started-by', id)
    const listed = parsed<Run>((await list(started.started_by.id)).out)
    assert.ok(listed.some(({ id }) => id === started.id))
    assert.deepEqual(await list('aaaaaaaaaaaa'), { code: 0, out: '', err: '' })
  })

  it('list the turns of a thread', async () => {
    const thread = await client.request('POST /v1/threads', {})
    const path = { id: thread.id }
    const turn = await client.request('POST /v1/threads/{id}/runs', {
      path,
      body: { agent: 'assistant', input: 'in a thread' },
    })
    assert.ok(turn !== null)
    await client.runs.wait(turn.id)
    const listed = parsed<Run>((await run('runs', 'list', '--json', '--thread', thread.id)).out)
    assert.deepEqual(
      listed.map(({ id }) => id),
      [turn.id],
    )
    assert.equal((await run('runs', 'list', '--thread', 'thr_1')).code, 2)
    const usage = await run('usage', '--by', 'thread')
    assert.match(usage.out, new RegExp(`^${thread.id} +\\$`, 'm'))
  })

  it('have exit codes for what was not found, was refused, or was not answered', async () => {
    const missing = await run('runs', 'get', ID)
    assert.deepEqual([missing.code, missing.out], [3, ''])
    assert.match(missing.err, /^There is no such thing/)
    const unknown = await run('runs', 'start', 'nobody', 'hello')
    assert.equal(unknown.code, 4)
    const depth = await run('runs', 'trace', ID, '--depth', '99')
    assert.equal(depth.code, 4)
    assert.match(depth.err, /^The query is not valid\.\n {2}\/depth: .+\n$/)
    const keyless = await holdfast(['usage'], { ...variables, HOLDFAST_API_KEY: '' })
    assert.equal(keyless.code, 4)
    assert.match(keyless.err, /HOLDFAST_API_KEY names the key/)
    const nobody = await holdfast(['usage', '--url', await freedUrl()], variables)
    assert.equal(nobody.code, 5)
    assert.match(nobody.err, /^No API answers at /)
    assert.equal((await run('usage', '--by', 'moon')).code, 2)
    assert.equal((await run('usage', '--url', 'ftp://elsewhere/')).code, 2)
    // An empty variable of a script asks for nothing; it must not ask for everything.
    for (const filter of ['--agent', '--principal'])
      assert.equal((await run('runs', 'list', filter, '')).code, 4)
  })
})
