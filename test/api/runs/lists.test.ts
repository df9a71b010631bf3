import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type RunResource, runPage, run as runSchema } from '../../../src/api/runs/run.schema.ts'
import type { RunId } from '../../../src/contracts/runs/run.ts'
import type { Database } from '../../../src/store/database/database.ts'
import type { RunRow } from '../../../src/store/record/run-row.ts'
import { closeRun } from '../../../src/store/runs/close-run.ts'
import { markRunStarted } from '../../../src/store/runs/mark-run-started.ts'
import { forEachDatabase } from '../../support/database.ts'
import { acceptTestRun } from '../support/play-run.ts'
import { get, post } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'

interface Page {
  readonly data: readonly RunResource[]
  readonly has_more: boolean
  readonly next: string | null
}

forEachDatabase((_name, open) => {
  let database: Database
  let api: TestApi
  const ours: RunRow[] = []
  let foreign: RunRow

  before(async () => {
    database = await open()
    api = await startApi(database, recordingTemporal().client)
    // In pairs, so that some are of one millisecond.
    for (let i = 0; i < 5; i++) {
      ours.push(
        ...(await Promise.all([acceptTestRun(database), acceptTestRun(database, { agent: 'support' })])),
      )
    }
    foreign = await acceptTestRun(database, { tenant: 'somebody-else' })
    const [first] = ours
    if (first !== undefined) await end(first)
  })
  after(() => api.close())

  async function end({ id, tenant, principal, plan }: RunRow): Promise<void> {
    const run = { runId: id, tenant, principal }
    await markRunStarted(database, { run, plan })
    await closeRun(database, {
      run,
      status: 'failed',
      reason: 'internal_error',
      error: 'internal',
      steps: 0,
      approvals: [],
      failedHops: [],
    })
  }

  async function walk(query: string): Promise<{ ids: RunId[]; pages: number }> {
    const ids: RunId[] = []
    let pages = 0
    for (let after = ''; ; pages++) {
      const { body } = await get<Page>(`${api.url}/v1/runs?${query}${after}`)
      runPage.parse(body)
      ids.push(...body.data.map(({ id }) => id))
      if (body.next === null) return { ids, pages: pages + 1 }
      after = `&after=${body.next}`
    }
  }

  test("walking the pages meets every run once, newest first, and nobody else's", async () => {
    const newestFirst = ours
      .toSorted((a, b) => (a.createdAt + a.id < b.createdAt + b.id ? 1 : -1))
      .map(({ id }) => id)
    for (const limit of [1, 3, 10, 100]) {
      const { ids, pages } = await walk(`limit=${limit}`)
      assert.deepEqual(ids, newestFirst)
      assert.equal(pages, Math.ceil(ours.length / limit))
    }
  })

  test('filters narrow the list', async () => {
    assert.equal((await walk('agent=support&limit=2')).ids.length, 5)
    assert.deepEqual((await walk('status=failed')).ids, [ours[0]?.id])
    assert.deepEqual((await walk('status=completed')).ids, [])
    assert.equal((await walk('status=queued&agent=assistant')).ids.length, 4)
  })

  test('runs are listed by the credential of their start, those of its browser tokens included', async () => {
    const tenant = { principal: 'desk' }
    const key = { type: 'key', id: 'aaaaaaaaaaaa' } as const
    const token = { type: 'token', issuer: 'https://issuer.example', id: 'aaaaaaaaaaaab', ...tenant } as const
    const byKey = await acceptTestRun(database, { startedBy: { ...key, ...tenant } })
    const page = { type: 'browser_token', id: 'tok_1', maker: key, ...tenant } as const
    const byPage = await acceptTestRun(database, { startedBy: page })
    const byToken = await acceptTestRun(database, { startedBy: token })
    await acceptTestRun(database, { tenant: 'somebody-else', startedBy: { ...key, ...tenant } })
    const idsOf = async (query: string) => new Set((await walk(query)).ids)
    assert.deepEqual(await idsOf('started_by=aaaaaaaaaaaa&limit=1'), new Set([byKey.id, byPage.id]))
    assert.deepEqual(await idsOf('started_by=tok_1'), new Set([byPage.id]))
    assert.deepEqual(await idsOf('started_by=aaaaaaaaaaaab'), new Set([byToken.id]))
    assert.deepEqual(await idsOf('started_by=aaaaaaaaaaaa&status=completed'), new Set())
    assert.equal((await get(`${api.url}/v1/runs?started_by=`)).status, 400)
    for (const { id } of [byKey, byPage, byToken])
      await database.query({ text: 'delete from runs where id = $1', values: [id] })
  })

  test('sub-agents are listed under their parent, and nowhere else', async () => {
    const [parent, child] = [ours[1], await acceptTestRun(database)]
    const link = { text: 'update runs set parent_run_id = $2 where id = $1', values: [child.id, parent?.id] }
    await database.query(link)
    const before = await walk('limit=100')
    assert.ok(!before.ids.includes(child.id))
    assert.deepEqual((await walk(`parent_run_id=${parent?.id}`)).ids, [child.id])
    assert.deepEqual((await walk(`parent_run_id=${child.id}`)).ids, [])
    const { body } = await get<RunResource>(`${api.url}/v1/runs/${child.id}`)
    assert.equal(body.parent_run_id, parent?.id)
  })

  test('a run that waits for its budget says which, and until when', async () => {
    const run = await acceptTestRun(database)
    const reached = { scope: 'run', limit: 'cost', allowed: 10, used: 9 }
    await database.query({
      text: "update runs set status = 'requires_action', reason = 'budget', budget_wait = $2 where id = $1",
      values: [run.id, JSON.stringify({ reached, expiresAt: '2126-01-01T00:00:00.000Z' })],
    })
    const { body } = await get<RunResource>(`${api.url}/v1/runs/${run.id}`)
    assert.deepEqual(runSchema.parse(body).required_action, {
      type: 'budget',
      ...reached,
      expires_at: '2126-01-01T00:00:00.000Z',
    })
    await database.query({ text: 'delete from runs where id = $1', values: [run.id] })
  })

  test('a run of another tenant is not there, whatever is done to it', async () => {
    const path = `${api.url}/v1/runs/${foreign.id}`
    const answers = await Promise.all([
      get(path),
      get(`${path}/events`),
      get(`${path}/messages`),
      post(`${path}/cancel`, {}),
      post(`${path}/messages`, { content: 'hello' }),
    ])
    assert.deepEqual(
      answers.map(({ status }) => status),
      [404, 404, 404, 404, 404],
    )
  })

  test('a failed run says why in our words', async () => {
    const { body } = await get<RunResource>(`${api.url}/v1/runs/${ours[0]?.id}`)
    assert.equal(body.reason, 'internal_error')
    assert.deepEqual(body.error, { code: 'internal', message: 'Something went wrong on our side.' })
    assert.ok(body.completed_at)
  })
})
