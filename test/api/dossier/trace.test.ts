import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { type TraceResource, trace as traceSchema } from '../../../src/api/dossier/trace.schema.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import { HTTP } from '../../../src/policies/api.ts'
import { APPROVAL_TERMS } from '../../../src/policies/approvals.ts'
import { DOSSIER } from '../../../src/policies/operations/dossier.ts'
import { requestApproval } from '../../../src/store/approvals/request-approval.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { keepExchanges, type NewExchange } from '../../../src/store/dossier/keep-exchanges.ts'
import { storeModelCall } from '../../../src/store/models/store-model-call.ts'
import { announceProcess, forgetProcess } from '../../../src/store/processes/processes.ts'
import type { OpenChild } from '../../../src/store/team/open-child.ts'
import { completeChild, identityOf, startChild } from '../../store/support/children.ts'
import {
  answerTo,
  approvalRequest,
  assistantMessage,
  begun,
  putCalls,
  startRun,
} from '../../store/support/samples.ts'
import { forEachDatabase } from '../../support/database.ts'
import { playRun } from '../support/play-run.ts'
import { get } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

/** An exchange without bodies. */
function exchangeOf({ runId }: Pick<RunIdentity, 'runId'>, step: number): NewExchange {
  return {
    id: randomUUID(),
    worker: 'worker',
    runId,
    step,
    hop: 0,
    attempt: step,
    purpose: 'answer',
    method: 'POST',
    url: 'http://provider.example/v1/responses',
    requestHeaders: {},
    requestBytes: 0,
    request: null,
    status: 200,
    answerHeaders: {},
    answer: null,
    answerKeptBytes: 0,
    answerBytes: 0,
    isWhole: true,
    beganAt: new Date().toISOString(),
    headMs: 1,
    firstByteMs: 2,
    tookMs: 3,
  }
}

forEachDatabase((_, open) => {
  describe('the dossier of a run', () => {
    let database: Database
    let api: TestApi
    /** Of ann's tenant, who may read all of it. */
    let headers: Record<string, string>

    before(async () => {
      database = await open()
      api = await startApi(database, recordingTemporal().client, 'test', {
        auth: 'keys',
        secret: 's'.repeat(32),
      })
      headers = (await makeKey(database, { tenant: 'acme', scopes: ['runs:read:all'] })).headers
    })
    after(() => api.close())

    async function trace(run: Pick<RunIdentity, 'runId'>, query = '', as = headers) {
      const { status, body } = await get<TraceResource>(`${api.url}/v1/runs/${run.runId}/trace${query}`, as)
      assert.equal(status, 200)
      assert.deepEqual(traceSchema.parse(body), body)
      return body
    }

    async function refused(run: Pick<RunIdentity, 'runId'>, query: string, as = headers) {
      const { status, body } = await get<{ code: string }>(
        `${api.url}/v1/runs/${run.runId}/trace${query}`,
        as,
      )
      return `${status} ${body.code}`
    }

    /** A run of some steps, and the key of its principal. */
    async function played(steps: number) {
      const run = await playRun(database, { tenant: 'acme', principal: 'ann' })
      await run.open()
      for (let step = 1; step <= steps; step += 1) await run.step()
      await run.close()
      return { runId: run.id }
    }

    /** A step whose tool has given so much. */
    async function callTool(run: RunIdentity, step: number, bytes: number): Promise<void> {
      const call = await begun(database, run, { step, seq: 10 * step })
      const message = assistantMessage('', ['get_order'])
      await storeModelCall(database, answerTo(run, call, { step, seq: 10 * step, message }))
      await database.query({
        text: `insert into messages (run_id, seq, tenant, message)
          select run_id, result_seq, tenant, json_build_object('role', 'tool', 'content', repeat('x', $3::integer))
          from tool_calls where run_id = $1 and step = $2`,
        values: [run.runId, step, bytes],
      })
    }

    it('comes in pages, each step and each event once', async () => {
      const run = await played(7)
      const pages: TraceResource[] = []
      for (let query: string | null = '?limit=3'; query !== null; ) {
        const page = await trace(run, query)
        pages.push(page)
        query = page.next === null ? null : `?limit=3&after=${page.next}`
      }
      assert.deepEqual(
        pages.map(({ steps }) => steps.map(({ step }) => step)),
        [[1, 2, 3], [4, 5, 6], [7]],
      )
      assert.deepEqual(
        pages.map(({ has_more, events }) => [has_more, events.map(({ type }) => type)]),
        [
          [true, ['run.queued', 'run.started']],
          [true, []],
          [false, []],
        ],
      )
      const ended = pages.at(-1)?.steps.at(-1)?.events
      assert.deepEqual(
        ended?.map(({ type }) => type),
        ['run.completed'],
      )
    })

    it('leads to its next page from a text', async () => {
      const run = await played(3)
      const url = `${api.url}/v1/runs/${run.runId}/trace`
      const text = async (query: string) =>
        fetch(`${url}${query}`, { headers: { ...headers, accept: 'text/plain' } })
      const first = await text('?limit=2')
      assert.equal(first.headers.get('content-type'), 'text/plain; charset=utf-8')
      const next = `/v1/runs/${run.runId}/trace?after=2&limit=2&depth=0`
      assert.equal(first.headers.get('link'), `<${next}>; rel="next"`)
      const last = await fetch(`${api.url}${next}`, { headers: { ...headers, accept: 'text/plain' } })
      assert.equal(last.headers.get('link'), null)
      assert.match(await last.text(), /^Step 3, assistant: /m)
    })

    it('has of a run without a step what happened so far', async () => {
      const run = await startRun(database)
      const { events, steps } = await trace(run)
      assert.deepEqual(steps, [])
      assert.deepEqual(
        events.map(({ type }) => type),
        ['run.queued', 'run.started'],
      )
    })

    for (const [query, answer] of [
      ['?step=0', '400 invalid_request'],
      ['?step=-1', '400 invalid_request'],
      ['?step=one', '400 invalid_request'],
      ['?step=1&step=2', '400 invalid_request'],
      ['?step=99', '404 not_found'],
      [`?depth=${DOSSIER.mostDepth + 1}`, '400 invalid_request'],
      ['?limit=0', '400 invalid_request'],
      [`?limit=${DOSSIER.pageSteps.most + 1}`, '400 invalid_request'],
      ['?after=x', '400 invalid_request'],
      ['?bodies=true', '400 invalid_request'],
    ] as const) {
      it(`answers ${query} with ${answer}`, async () => {
        assert.equal(await refused(await played(1), query), answer)
      })
    }

    it('is not there for other tenants, nor under an id that no run has', async () => {
      const run = await played(1)
      const other = await makeKey(database, { tenant: 'other', scopes: ['admin'] })
      assert.equal(await refused(run, '', other.headers), '404 not_found')
      assert.equal(await refused({ runId: `run_${'0'.repeat(26)}` }, ''), '404 not_found')
    })

    it('has no bodies of a step whose bodies do not fit, and says how large they are', async () => {
      const run = await played(1)
      const kept = { ...exchangeOf(run, 1), beganAt: '2026-11-27T10:00:00.000Z' }
      const requestBytes = DOSSIER.shownBodyBytes - 10
      const text = 'x'.repeat(20)
      await keepExchanges(
        database,
        [
          { ...kept, request: [text], requestBytes: text.length },
          { ...exchangeOf(run, 1), request: [text], requestBytes },
        ],
        [],
      )
      const { steps } = await trace(run, '?step=1')
      const [shown, leftOut] = steps[0]?.model_calls[0]?.attempts[0]?.exchanges ?? []
      assert.deepEqual(shown?.request, { bytes: 20, text })
      assert.deepEqual(leftOut?.request, { bytes: requestBytes })
    })

    it('has an exchange once, however often it was written, and with the answer that came last', async () => {
      const run = await played(1)
      const over = { ...exchangeOf(run, 1), request: ['text'], requestBytes: 4 }
      const underWay = {
        ...over,
        status: null,
        isWhole: false,
        headMs: null,
        firstByteMs: null,
        tookMs: null,
      }
      for (const exchange of [underWay, { ...over, request: null }, over, underWay])
        await keepExchanges(database, [exchange], [])
      const { steps } = await trace(run, '?step=1')
      const exchanges = steps[0]?.model_calls[0]?.attempts[0]?.exchanges ?? []
      assert.deepEqual(
        exchanges.map(({ status, took_ms, complete, lost, request }) => [
          status,
          took_ms,
          complete,
          lost,
          request.text,
        ]),
        [[200, 3, true, undefined, 'text']],
      )
    })

    it('tells a request that is under way from one whose worker is gone', async () => {
      const run = await startRun(database)
      await begun(database, run)
      const worker = `live-${run.runId}`
      const process = { id: worker, kind: 'worker', facts: { secret: null, missingKeys: [] } } as const
      const presence = { taskQueue: 'test', livesForMs: 30_000, keptForMs: 60_000 }
      await announceProcess(database, { process, ...presence })
      await keepExchanges(
        database,
        [{ ...exchangeOf(run, 1), worker, status: null, isWhole: false, tookMs: null }],
        [],
      )
      const attempt = async () => (await trace(run)).steps[0]?.model_calls[0]?.attempts[0]
      const alive = await attempt()
      assert.deepEqual(
        [alive?.lost, alive?.exchanges[0]?.lost, alive?.exchanges[0]?.took_ms],
        [undefined, undefined, null],
      )
      await forgetProcess(database, worker)
      const gone = await attempt()
      assert.deepEqual(
        [gone?.lost, gone?.exchanges[0]?.lost, gone?.exchanges[0]?.worker],
        [true, true, worker],
      )
    })

    it('says of an attempt that was left open, and of which nothing is kept, that it was lost', async () => {
      const run = await startRun(database)
      await begun(database, run)
      const second = await begun(database, run)
      const attempts = async () =>
        (await trace(run)).steps[0]?.model_calls[0]?.attempts.map(({ status, lost }) => [status, lost])
      // Where nothing is kept at all, nothing was lost.
      assert.deepEqual(await attempts(), [
        ['unknown', undefined],
        ['open', undefined],
      ])
      await keepExchanges(database, [{ ...exchangeOf(run, 1), attempt: second.attempt }], [])
      assert.deepEqual(await attempts(), [
        ['unknown', true],
        ['open', undefined],
      ])
    })

    it('ends a page where what tools have given is as large as a page may be', async () => {
      const run = await startRun(database)
      for (const step of [1, 2, 3, 4]) await callTool(run, step, Math.ceil(HTTP.pageBytes / 2))
      const first = await trace(run)
      assert.deepEqual(
        first.steps.map(({ step }) => step),
        [1, 2],
      )
      assert.equal(first.next, '2')
      assert.equal(first.steps[0]?.tool_calls[0]?.output?.length, HTTP.pageBytes / 2)
      assert.deepEqual(
        (await trace(run, `?after=${first.next}`)).steps.map(({ step }) => step),
        [3, 4],
      )
    })

    it('links to the dossiers of sub-agents, and nests them as deep as it is asked to', async () => {
      const run = await startRun(database)
      await begun(database, run)
      await putCalls(database, run, 'research')
      const child = await startChild(database, run)
      await begun(database, identityOf(child))
      await completeChild(database, child)
      const subAgent = async (query: string, as = headers) =>
        (await trace(run, query, as)).steps[0]?.tool_calls[0]?.sub_agent
      const { trace: none, ...link } = (await subAgent('')) ?? {}
      assert.equal(none, undefined)
      assert.deepEqual(link, {
        run_id: child.childRunId,
        agent: 'research',
        status: 'completed',
        href: `/v1/runs/${child.childRunId}/trace`,
      })
      const nested = (await subAgent('?depth=1'))?.trace
      assert.deepEqual([nested?.run.id, nested?.steps.length], [child.childRunId, 1])
      const text = await fetch(`${api.url}/v1/runs/${run.runId}/trace?depth=1`, {
        headers: { ...headers, accept: 'text/plain' },
      })
      assert.match(await text.text(), new RegExp(`^ {4}Run ${child.childRunId} of research 3`, 'm'))
    })

    it('counts what nested dossiers have once against the size of an answer', async () => {
      const run = await startRun(database)
      await begun(database, run)
      await putCalls(database, run, 'research', 3)
      const children: OpenChild[] = []
      // Each has a good third of what an answer may have: counted twice, two of them would leave no room for the third.
      for (const index of [0, 1, 2]) {
        const child = await startChild(database, run, { index })
        await callTool(identityOf(child), 1, Math.ceil(0.36 * HTTP.pageBytes))
        children.push(child)
      }
      const calls = (await trace(run, '?depth=1')).steps[0]?.tool_calls
      assert.deepEqual(
        calls?.map(({ sub_agent }) => sub_agent?.trace?.run.id),
        children.map(({ childRunId }) => childRunId),
      )
    })

    it('nests no dossier that its reader may not read', async () => {
      const run = await startRun(database)
      await begun(database, run)
      await putCalls(database, run, 'research')
      const child = await startChild(database, run)
      const terms = { ...APPROVAL_TERMS.standard, approvers: ['finance'] }
      await requestApproval(database, approvalRequest(run, 0, { terms }))
      const wishes = { tenant: 'acme', principal: 'meg', groups: ['finance'] }
      const approver = await makeKey(database, { ...wishes, scopes: ['approvals:decide'] })
      const { steps } = await trace(run, '?depth=1', approver.headers)
      assert.equal(steps[0]?.tool_calls[0]?.sub_agent?.run_id, child.childRunId)
      assert.equal(steps[0]?.tool_calls[0]?.sub_agent?.trace, undefined)
      assert.equal(await refused({ runId: child.childRunId }, '', approver.headers), '404 not_found')
    })

    it('goes with its run', async () => {
      const run = await played(1)
      const part = { runId: run.runId, sha256: 'hash', isRope: false, body: 'text' }
      await keepExchanges(database, [{ ...exchangeOf(run, 1), request: [['hash']] }], [part])
      const count = async () =>
        (
          await database.query<{ count: number }>({
            text: `select (select count(*) from wire_parts where run_id = $1)
              + (select count(*) from wire_exchanges where run_id = $1) as count`,
            values: [run.runId],
          })
        )[0]?.count
      assert.equal(await count(), 2)
      await database.query({ text: 'delete from runs where id = $1', values: [run.runId] })
      assert.equal(await count(), 0)
      // A worker that still has some of it to write brings nothing back.
      await keepExchanges(database, [exchangeOf(run, 1)], [part])
      assert.equal(await count(), 0)
    })
  })
})
