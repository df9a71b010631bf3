import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import pino from 'pino'
import type { Database } from '../../../src/store/database/database.ts'
import { migrate } from '../../../src/store/database/migrate.ts'
import { openPostgres } from '../../../src/store/database/postgres.ts'
import type { Script } from '../../../src/testing/script.ts'
import { get } from '../../api/support/post.ts'
import type { HoldfastProcess, ListeningProcess } from '../../support/holdfast-process.ts'
import { firstWords } from '../../support/office/words.ts'
import payDesk from '../chaos/support/pay-desk/app.ts'
import { openAccount } from '../chaos/support/pay-desk/books.ts'
import { payAndRepeat, stepByStep } from '../chaos/support/pay-desk/scripts.ts'
import { createCaller } from '../runs/support/caller.ts'
import { type Code, type Deployment, openDeployment } from './support/deployment.ts'
import { lastRelease, NO_HISTORY } from './support/last-release.ts'

const script: Script = (request) =>
  firstWords(request.messages) === 'pay' ? payAndRepeat(request) : stepByStep(request)

/*
 * A deploy as it happens: the schema is of this release while processes of the last one are still at work, with statements that
 * they have prepared before. In order: schema, workers, APIs; then back to the last release's API.
 */
/** One step builds on the one before, which may have failed and left a run without a worker. */
const STEP = { timeout: 120_000 }

describe('processes of the last release', { skip: NO_HISTORY }, () => {
  let old: Code
  let deployment: Deployment
  let database: Database
  let api: ListeningProcess
  let worker: HoldfastProcess
  let begunBefore: string

  before(async () => {
    old = lastRelease()
    deployment = await openDeployment(script)
    api = await deployment.startApi(old)
    worker = await deployment.startWorker(old)
    database = openPostgres({ url: deployment.databaseUrl, logger: pino({ level: 'silent' }) })
    await openAccount(database, 'A-1', 'local')
    await complete(api, 'write 3')
    begunBefore = await startPayment(api)
  })
  after(async () => {
    await database?.close()
    await deployment?.close()
  })

  it('go on after the schema was brought up to date under them', STEP, async () => {
    const before = await schemaVersion()
    await migrate(database, payDesk)
    assert.ok((await schemaVersion()) > before, 'the schema is that of the last release still')
    await approve(api, begunBefore)
    await complete(api, 'write 3')
    await complete(api, 'read 3')
  })

  it('start on the newer schema, and are ready', STEP, async () => {
    await api.kill()
    await worker.terminate()
    api = await deployment.startApi(old)
    worker = await deployment.startWorker(old)
    assert.equal((await get(`${api.url}/ready`)).status, 200)
    await complete(api, 'write 3')
    await approve(api, await startPayment(api))
  })

  it('have their runs finished by a worker of this release', STEP, async () => {
    const waiting = await startPayment(api)
    worker = await replaceWorker()
    await approve(api, waiting)
    await complete(api, 'write 3')
  })

  it(
    'are given runs of an API of this release to read and to decide, when the API is put back',
    STEP,
    async () => {
      const newer = await deployment.startApi()
      const waiting = await startPayment(newer)
      await complete(newer, 'write 3')
      await approve(api, waiting)
      const [ofOld, ofNew] = await Promise.all([createCaller(api.url).list(), createCaller(newer.url).list()])
      assert.deepEqual(
        ofOld.body.data.map(({ id, status, output }) => ({ id, status, output })),
        ofNew.body.data.map(({ id, status, output }) => ({ id, status, output })),
      )
    },
  )

  async function replaceWorker(): Promise<HoldfastProcess> {
    const next = await deployment.startWorker()
    await worker.terminate()
    return next
  }

  async function schemaVersion(): Promise<number> {
    const rows = await database.query<{ version: number }>({
      text: 'select max(version) as version from holdfast_migrations',
    })
    return rows[0]?.version ?? 0
  }
})

async function startPayment({ url }: ListeningProcess): Promise<string> {
  const caller = createCaller(url)
  const { id } = (await caller.start({ agent: 'clerk', input: 'pay' })).body
  await caller.until(id, 'approval.requested')
  return id
}

async function approve({ url }: ListeningProcess, runId: string): Promise<void> {
  const caller = createCaller(url)
  const decided = await caller.decide(await caller.untilWaiting(runId), { decision: 'approve' })
  assert.equal(decided.status, 200)
  assert.equal((await caller.untilEnd(runId)).status, 'completed')
}

async function complete({ url }: ListeningProcess, input: string): Promise<void> {
  const caller = createCaller(url)
  const { id } = (await caller.start({ agent: 'clerk', input })).body
  const { status, usage } = await caller.untilEnd(id)
  assert.equal(status, 'completed')
  assert.ok(Number(usage.model_calls) > 1)
}
