import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { AgentResource } from '../../../src/api/agents/agent.schema.ts'
import type { Grant } from '../../../src/contracts/access/api-key.ts'
import { makeKey } from '../../api/support/test-keys.ts'
import { type Environment, startEnvironment } from '../../support/start-environment.ts'
import { type BackOffice, backOffice, CANARY, callWhatIsNamed } from './support/back-office.ts'
import { type Caller, createCaller } from './support/caller.ts'

/* Tools act for the caller: who lacks what a tool demands has no such tool, and no model is told what a caller has. */

let environment: Environment
let office: BackOffice

before(async () => {
  office = backOffice()
  const secret = 'a secret of thirty-two characters'
  environment = await startEnvironment({ app: office.app, script: callWhatIsNamed, secret })
})
after(() => environment.close())

async function callerWith(principal: string, groups: readonly string[], scopes: readonly Grant[]) {
  const { tenant } = CANARY
  const granted: Grant[] = ['runs:*:all', 'approvals:decide', 'approvals:read', ...scopes]
  const { headers } = await makeKey(environment.database, { tenant, principal, groups, scopes: granted })
  return createCaller(environment.service.url, headers)
}

async function start(caller: Caller, input: string): Promise<string> {
  const { status, body } = await caller.start({ agent: 'desk', input })
  assert.equal(status, 202)
  return body.id
}

const resultsOf = async (caller: Caller, runId: string) =>
  (await caller.messages(runId))
    .filter(({ role }) => role === 'tool')
    .map(({ content }) => JSON.parse(content))
const toolsOffered = (words: string) =>
  environment.provider.requests
    .filter(({ messages }) => messages.some((one) => one.role === 'user' && one.text === words))
    .map(({ tools }) => [...tools].sort())

test('whoever has what a tool demands has it called, and every handler is given the same caller', async () => {
  const { principal, groups, scopes, tenant } = CANARY
  const ann = await callerWith(principal, groups, scopes)
  const meg = await callerWith('meg', [], [])
  const words = 'refund mail ask_research>mail+refund handoff_to_billing mail'
  const runId = await start(ann, words)
  const approval = await ann.untilWaiting(runId)
  assert.equal((await meg.decide(approval, { decision: 'approve' })).status, 200)
  assert.equal((await ann.untilEnd(runId)).status, 'completed')

  const own = { tenant, principal, groups, scopes }
  const narrowed = { tenant, principal, groups: ['canary-staff'], scopes: ['tools:canary.mail'] }
  assert.deepEqual(office.given, [
    { by: 'context', caller: own },
    { by: 'facts', caller: own },
    { by: 'approvers', caller: own },
    { by: 'refund', caller: own },
    { by: 'mail', caller: own },
    { by: 'mail', caller: narrowed },
    { by: 'mail', caller: own },
  ])
  const [refunded, , research] = await resultsOf(ann, runId)
  assert.deepEqual(refunded, { refunded: 'please' })
  assert.match(research.answer, /\{"sent":"please"\}\n\{"error":"tool_not_allowed"/)
  assert.deepEqual(toolsOffered('mail refund'), [['mail'], ['mail'], ['mail']])

  const wire = JSON.stringify(environment.provider.requests)
  assert.ok(environment.provider.requests.length >= 8)
  assert.doesNotMatch(wire, /canary/)
})

test('whoever lacks it has no such tool: it is not offered, and a call of it is refused before anything is looked up', async () => {
  const bob = await callerWith('bob', ['canary-finance'], [])
  office.given.length = 0
  const words = 'refund mail handoff_to_billing ask_research>mail'
  const runId = await start(bob, words)
  assert.equal((await bob.untilEnd(runId)).status, 'completed')
  assert.deepEqual(toolsOffered(words)[0], ['ask_research'])
  const results = await resultsOf(bob, runId)
  assert.deepEqual(
    results.map(({ error }) => error),
    ['tool_not_allowed', 'tool_not_allowed', 'tool_not_allowed', undefined],
  )
  assert.match(results[3].answer, /tool_not_allowed/)
  assert.deepEqual(
    office.given.map(({ by }) => by),
    ['context'],
  )

  const events = await bob.events(runId)
  const failed = events
    .filter(({ type }) => type === 'tool.failed')
    .map(({ data }) => [data['tool'], data['code']])
  assert.deepEqual(failed, [
    ['refund', 'tool_not_allowed'],
    ['mail', 'tool_not_allowed'],
    ['handoff_to_billing', 'tool_not_allowed'],
  ])
  assert.ok(!events.some(({ type }) => type === 'approval.requested'))
  const dossier = await fetch(bob.v1(`/runs/${runId}/trace`), {
    headers: { ...(await headersOf()), accept: 'text/plain' },
  })
  const story = await dossier.text()
  assert.match(story, /call +refund .*\n.*the caller has not what the tool demands/)
  assert.match(story, /refund.*: failed \(tool_not_allowed\)/)
})

test('what a tool demands is told with its agent', async () => {
  const { body } = await (await callerWith('gil', [], [])).get<{ data: AgentResource[] }>('/agents')
  const desk = body.data.find(({ name }) => name === 'desk')
  assert.deepEqual(
    desk?.tools.map(({ name, requires }) => [name, requires]),
    [
      ['refund', { scopes: ['tools:canary.refunds'], groups: ['canary-finance', 'canary-managers'] }],
      ['mail', { scopes: ['tools:canary.mail'] }],
      ['handoff_to_billing', { groups: ['canary-staff'] }],
      ['ask_research', undefined],
    ],
  )
})

test('a caller whose scopes are all tools’ scopes, or admin, has every tool; a service’s person what they are given', async () => {
  for (const [who, scopes] of [
    ['cleo', ['tools:*']],
    ['dora', ['admin']],
  ] as const) {
    const caller = await callerWith(who, [], scopes)
    const runId = await start(caller, 'mail')
    assert.equal((await caller.untilEnd(runId)).status, 'completed')
    assert.deepEqual(await resultsOf(caller, runId), [{ sent: 'please' }])
    assert.deepEqual(office.given.at(-1)?.caller.scopes, ['tools:*'])
  }
  const service = await callerWith('portal', [], ['principals:act', 'tools:canary.mail'])
  const outcomes = []
  for (const person of [{ scopes: ['tools:canary.mail'] }, {}]) {
    const { body } = await service.start({ agent: 'desk', input: 'mail', principal: 'eve', ...person })
    await service.untilEnd(body.id)
    const [result] = await resultsOf(service, body.id)
    outcomes.push(result.error ?? result.sent)
  }
  assert.deepEqual(outcomes, ['please', 'tool_not_allowed'])
})

async function headersOf() {
  return (await makeKey(environment.database, { tenant: CANARY.tenant, principal: 'reader' })).headers
}
