import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { RunResource } from '../../../../src/api/runs/run.schema.ts'
import type { RunId } from '../../../../src/contracts/runs/run.ts'
import { listEvents } from '../../../../src/store/record/events.ts'
import { until } from '../../../support/until.ts'
import { post } from '../../support/post.ts'
import { ISSUER } from '../support/issuer.ts'
import { bearer, startTokenApi, type TokenApi } from '../support/token-api.ts'

let api: TokenApi

before(async () => {
  api = await startTokenApi()
})
after(() => api.close())

describe('in whose name a page acts', () => {
  it("the maker's; or that of the person whom the maker acts for, with the maker on the record", async () => {
    const backend = await api.keyOf('backend', ['runs:*:all', 'principals:act'], { groups: ['customers'] })
    const person = { principal: 'ann', groups: ['customers'] }
    const thread = (await post<{ id: string }>(api.v1('/threads'), { principal: 'ann' }, backend.headers))
      .body.id
    const wanted = { thread_id: thread, write: true, agents: ['assistant'], ...person }
    const { body } = await api.make(backend.headers, wanted)
    assert.equal(body.principal, 'ann')

    const start = { agent: 'assistant', input: 'Hello' }
    const run = await post<RunResource>(api.v1(`/threads/${thread}/runs`), start, bearer(body.token))
    assert.equal(run.status, 202)
    const credential = {
      type: 'browser_token',
      id: body.id,
      maker: { type: 'key', id: backend.id },
      principal: 'backend',
    }
    assert.equal(run.body.principal, 'ann')
    assert.deepEqual(run.body.started_by, credential)

    const said = { id: 'msg-1', content: 'One more thing' }
    assert.equal((await post(api.v1(`/runs/${run.body.id}/messages`), said, bearer(body.token))).status, 202)
    const events = await listEvents(api.store.database, {
      tenant: 'default',
      runId: run.body.id as RunId,
      after: 0,
      limit: 10,
    })
    const acting = events.find(({ type }) => type === 'principal.represented')
    assert.deepEqual(acting?.data, { by: 'ann', sent_by: credential, message_id: 'msg-1' })
    const trace = await fetch(api.v1(`/runs/${run.body.id}/trace`), {
      headers: { ...backend.headers, accept: 'text/plain' },
    })
    const told = new RegExp(`browser token .*${body.id}.* made with key .*${backend.id}.* of .*backend`)
    assert.match(await trace.text(), told)
  })

  it('not that of a person whose run it is not, whatever the maker may do', async () => {
    const backend = await api.keyOf('backend', ['runs:*:all', 'principals:act'])
    const run = await api.runOf('ann')
    assert.equal((await api.make(backend.headers, { run_id: run, principal: 'bob' })).status, 404)
    assert.equal((await api.make(backend.headers, { run_id: run, principal: 'ann' })).status, 201)
  })

  it('not for somebody else without the scope for it', async () => {
    const { headers } = await api.keyOf('backend', ['runs:*:all'])
    assert.equal((await api.make(headers, { run_id: await api.runOf('ann'), principal: 'ann' })).status, 403)
  })
})

describe('what is told of a token', () => {
  it('its id and its maker in the log, and never its text', async () => {
    const run = await api.runOf('ann')
    const key = await api.keyOf('ann', ['runs:read'])
    const { body } = await api.make(key.headers, { run_id: run })
    assert.equal(await api.readsRun(body.token, run), 200)
    assert.equal(await api.readsRun(`${body.token}x`, run), 401)
    const naming = async (field: string) => api.lines.find((one) => one.includes(`"${field}":"${body.id}"`))
    const made = JSON.parse(await until('the line of its making', () => naming('targetId')))
    assert.deepEqual([made.route, made.keyId, made.tokenId], ['/v1/tokens', key.id, undefined])
    const line = JSON.parse(await until('the line of its use', () => naming('tokenId')))
    assert.deepEqual([line.keyId, line.tokenIssuer], [key.id, 'holdfast'])
    const [, , signature = ''] = body.token.split('.')
    assert.ok(!api.lines.some((one) => one.includes(signature)))
  })

  it('the maker of one that an issuer’s token has made', async () => {
    const run = await api.runOf('ann', 'acme')
    const jwt = await api.tokenOfIssuer({ scope: 'runs:*', jti: 'jwt-2' })
    const thread = (await post<{ id: string }>(api.v1('/threads'), {}, jwt)).body.id
    const { body } = await api.make(jwt, { thread_id: thread, write: true })
    const start = { agent: 'assistant', input: 'Hello' }
    const { body: turn } = await post<RunResource>(
      api.v1(`/threads/${thread}/runs`),
      start,
      bearer(body.token),
    )
    assert.deepEqual(turn.started_by, {
      type: 'browser_token',
      id: body.id,
      maker: { type: 'token', issuer: ISSUER, id: 'jwt-2' },
      principal: 'ann',
    })
    assert.equal(await api.readsRun(body.token, run), 404)
  })
})
