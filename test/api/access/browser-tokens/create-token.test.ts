import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { BROWSER_TOKENS } from '../../../../src/policies/tokens.ts'
import { post } from '../../support/post.ts'
import { recordingTemporal } from '../../support/recording-temporal.ts'
import { startApi } from '../../support/start-api.ts'
import { bearer, startTokenApi, type TokenApi } from '../support/token-api.ts'

let api: TokenApi

before(async () => {
  api = await startTokenApi()
})
after(() => api.close())

describe('who may make a token', () => {
  it('whoever may read, for what they may read; with write, whoever may write to it', async () => {
    const run = await api.runOf('ann')
    for (const [principal, scopes, write, expected] of [
      ['ann', ['runs:read'], false, 201],
      ['ann', ['runs:read'], true, 403],
      ['ann', ['runs:*'], true, 201],
      ['ann', ['runs:write'], false, 403],
      ['bob', ['runs:*'], false, 404],
      ['bob', ['runs:read:all'], false, 201],
      ['bob', ['runs:read:all', 'runs:write'], true, 404],
      ['bob', ['runs:*:all'], true, 201],
      ['bob', ['approvals:decide'], false, 403],
    ] as const) {
      const { headers } = await api.keyOf(principal, [...scopes])
      const { status } = await api.make(headers, { run_id: run, write })
      assert.equal(status, expected, `${principal} ${scopes} ${write}`)
    }
    const { headers } = await api.keyOf('ann', ['admin'], { tenant: 'other' })
    assert.equal((await api.make(headers, { run_id: run })).status, 404)
    assert.equal((await api.make({}, { run_id: run })).status, 401)
  })

  it('nobody one for agents of which none is there; one that is there is enough, while builds change', async () => {
    const { headers } = await api.keyOf('ann', ['runs:*'])
    const { body: thread } = await post<{ id: string }>(api.v1('/threads'), {}, headers)
    const forAgents = (agents: readonly string[]) =>
      api.make(headers, { thread_id: thread.id, write: true, agents })
    const { status, body } = await forAgents(['nosuch'])
    assert.deepEqual([status, body.code], [422, 'unknown_agent'])
    assert.equal((await forAgents(['nosuch', 'assistant'])).status, 201)
  })

  it('no token of its own kind', async () => {
    const run = await api.runOf('ann')
    const { body } = await api.make((await api.keyOf('ann', ['admin'])).headers, { run_id: run, write: true })
    assert.equal((await api.make(bearer(body.token), { run_id: run })).status, 403)
  })

  it('nobody where nobody is asked for a credential', async () => {
    const open = await startApi(api.store.database, recordingTemporal().client, 'test', { auth: 'none' })
    try {
      const run = await api.runOf('local')
      assert.equal((await post(`${open.url}/v1/tokens`, { run_id: run })).status, 403)
    } finally {
      await open.close()
    }
  })

  for (const [what, body] of Object.entries({
    'for nothing': {},
    'for a run and a thread': {
      run_id: `run_${'0'.repeat(26)}`,
      thread_id: `thr_${'0'.repeat(26)}`,
    },
    'for agents of a run': { run_id: `run_${'0'.repeat(26)}`, write: true, agents: ['a'] },
    'for agents, to read': { thread_id: `thr_${'0'.repeat(26)}`, agents: ['a'] },
    'that is too short': {
      run_id: `run_${'0'.repeat(26)}`,
      expires_in: BROWSER_TOKENS.lifeSeconds.least - 1,
    },
    'that is too long': { run_id: `run_${'0'.repeat(26)}`, expires_in: BROWSER_TOKENS.lifeSeconds.most + 1 },
    'that decides': { run_id: `run_${'0'.repeat(26)}`, decide: true },
  })) {
    it(`nobody one ${what}`, async () => {
      const { status } = await api.make((await api.keyOf('ann', ['admin'])).headers, body)
      assert.equal(status, 400)
    })
  }
})
