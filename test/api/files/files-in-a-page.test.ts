import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { markRunStarted } from '../../../src/store/runs/mark-run-started.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { png } from '../../support/sample-files.ts'
import { bearer, startTokenApi, type TokenApi } from '../access/support/token-api.ts'
import { post } from '../support/post.ts'

interface Made {
  readonly id: string
  readonly code?: string
}

let api: TokenApi
let key: Record<string, string>
before(async () => {
  api = await startTokenApi()
  key = (await api.keyOf('backend', ['runs:*', 'runs:read:all'])).headers
})
after(() => api.close())

async function upload(side: number): Promise<string> {
  const headers = { ...key, 'content-type': 'image/png' }
  const body = new Uint8Array(png(side, side))
  const answer = await fetch(api.v1('/files'), { method: 'POST', headers, body })
  assert.equal(answer.status, 201)
  return ((await answer.json()) as Made).id
}

const naming = (id: string) => [{ type: 'image', file_id: id }]
const turn = (id: string) => ({ agent: 'assistant', input: [{ role: 'user', content: naming(id) }] })

async function threadWith(file: string): Promise<{ thread: string; run: string }> {
  const thread = (await post<Made>(api.v1('/threads'), {}, key)).body.id
  const started = await post<Made>(api.v1(`/threads/${thread}/runs`), turn(file), key)
  assert.equal(started.status, 202, started.text)
  return { thread, run: started.body.id }
}

async function tokenOf(target: object): Promise<Record<string, string>> {
  return bearer((await api.make(key, { ...target, write: true })).body.token)
}

test('a page names files that stand in its thread, and no others of its principal', async () => {
  const [own, foreign] = [await upload(11), await upload(12)]
  const { thread } = await threadWith(own)
  await threadWith(foreign)
  const token = await tokenOf({ thread_id: thread })
  const start = (file: string) => post<Made>(api.v1(`/threads/${thread}/runs`), turn(file), token)
  for (const file of [foreign, await upload(13)]) assert.equal((await start(file)).body.code, 'file_unknown')
  assert.equal((await start(own)).status, 202)
})

test('a page of a run names files that stand in that run, and no others of its thread', async () => {
  const [own, foreign] = [await upload(21), await upload(22)]
  const { thread, run } = await threadWith(own)
  assert.equal((await post(api.v1(`/threads/${thread}/runs`), turn(foreign), key)).status, 202)
  const row = await findRun(api.store.database, 'default', run)
  assert.ok(row)
  const { id: runId, tenant, principal, plan } = row
  await markRunStarted(api.store.database, { run: { runId, tenant, principal }, plan })
  const token = await tokenOf({ run_id: run })
  const say = (file: string) => post<Made>(api.v1(`/runs/${run}/messages`), { content: naming(file) }, token)
  assert.equal((await say(foreign)).body.code, 'file_unknown')
  assert.equal((await say(own)).status, 202)
})
