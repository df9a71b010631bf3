import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { TraceResource } from '../../../src/api/dossier/trace.schema.ts'
import { DOSSIER } from '../../../src/policies/operations/dossier.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { startRun } from '../../store/support/samples.ts'
import { forEachDatabase } from '../../support/database.ts'
import { makeKey } from '../support/test-keys.ts'
import { callTool, type Dossiers, openDossiers, played } from './support/dossiers.ts'

forEachDatabase((_, open) => {
  describe('the dossier of a run', () => {
    let database: Database
    let dossiers: Dossiers

    before(async () => {
      database = await open()
      dossiers = await openDossiers(database)
    })
    after(() => dossiers.close())

    it('comes in pages, each step and each event once', async () => {
      const run = await played(database, 7)
      const pages: TraceResource[] = []
      for (let query: string | null = '?limit=3'; query !== null; ) {
        const page = await dossiers.trace(run, query)
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
      const run = await played(database, 3)
      const url = `${dossiers.url}/v1/runs/${run.runId}/trace`
      const text = async (query: string) =>
        fetch(`${url}${query}`, { headers: { ...dossiers.headers, accept: 'text/plain' } })
      const first = await text('?limit=2')
      assert.equal(first.headers.get('content-type'), 'text/plain; charset=utf-8')
      const next = `/v1/runs/${run.runId}/trace?after=2&limit=2&depth=0`
      assert.equal(first.headers.get('link'), `<${next}>; rel="next"`)
      const last = await fetch(`${dossiers.url}${next}`, {
        headers: { ...dossiers.headers, accept: 'text/plain' },
      })
      assert.equal(last.headers.get('link'), null)
      assert.match(await last.text(), /^Step 3, assistant: /m)
    })

    it('has of a run without a step what happened so far', async () => {
      const run = await startRun(database)
      const { events, steps } = await dossiers.trace(run)
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
        assert.equal(await dossiers.refused(await played(database, 1), query), answer)
      })
    }

    it('is not there for other tenants, nor under an id that no run has', async () => {
      const run = await played(database, 1)
      const other = await makeKey(database, { tenant: 'other', scopes: ['admin'] })
      assert.equal(await dossiers.refused(run, '', other.headers), '404 not_found')
      assert.equal(await dossiers.refused({ runId: `run_${'0'.repeat(26)}` }, ''), '404 not_found')
    })

    it('ends a page where what tools have given is as large as a page may be', async () => {
      const run = await startRun(database)
      for (const step of [1, 2, 3, 4]) await callTool(database, run, step, Math.ceil(DOSSIER.pageBytes / 2))
      const first = await dossiers.trace(run)
      assert.deepEqual(
        first.steps.map(({ step }) => step),
        [1, 2],
      )
      assert.equal(first.next, '2')
      assert.equal(first.steps[0]?.tool_calls[0]?.output?.length, DOSSIER.pageBytes / 2)
      assert.deepEqual(
        (await dossiers.trace(run, `?after=${first.next}`)).steps.map(({ step }) => step),
        [3, 4],
      )
    })
  })
})
