import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestSystem, type TestSystem } from 'holdfast/testing'
import app, { triageOutput } from '../app.ts'
import { startCorpService } from './corp-service.ts'

const ADA = 'ada@corp.example'
const GRACE = 'grace@corp.example'
const buyer = (principal: string) => ({ principal, groups: ['purchasing'] })

let corp: Awaited<ReturnType<typeof startCorpService>>
let system: TestSystem
before(async () => {
  corp = await startCorpService('a-token')
  system = await startTestSystem({ app, env: { CORP_URL: corp.url, CORP_TOKEN: 'a-token' } })
})
after(async () => {
  await system?.close()
  await corp?.[Symbol.asyncDispose]()
})

/** Plays one call of a tool and the words after it. */
function play(tool: string, args: Record<string, string>, seen: string | RegExp) {
  system
    .expectModelCall()
    .toSee(`${ADA} is writing to you; today is ${new Date().toISOString().slice(0, 4)}`)
    .answer({ tool, arguments: args })
  system.expectModelCall().toSee(seen).answer('Done.')
  return system.start({ agent: 'helpdesk', input: 'Please.', as: ADA })
}

test('an employee and a runbook are looked up in the company’s service', async () => {
  const employee = await play('look_up_employee', { email: GRACE }, 'joan@corp.example')
  assert.equal((await employee.end()).status, 'completed')
  const unknown = await play(
    'look_up_employee',
    { email: 'nobody@corp.example' },
    'Nobody here has this address.',
  )
  assert.equal((await unknown.end()).status, 'completed')
  const runbook = await play('search_runbooks', { words: 'new laptop' }, 'How to: new laptop')
  assert.equal((await runbook.end()).status, 'completed')
})

test('a password is reset once the requester’s manager has approved, and by nobody else’s word', async () => {
  const run = await play('reset_password', { reason: 'forgotten' }, 'password-resets')
  const approval = await run.approval()
  await assert.rejects(approval.approve({ as: buyer('mallory@corp.example') }), { code: 'not_an_approver' })
  await assert.rejects(approval.approve({ as: ADA }), { code: 'requester_excluded' })
  await approval.approve({ as: GRACE })
  assert.equal((await run.end()).status, 'completed')
  assert.deepEqual(corp.done(), [
    { kind: 'password-resets', email: ADA, key: `${run.id}/1/0`, approvedBy: [GRACE] },
  ])
})

test('a laptop’s price comes from the service: a cheap one is ordered, a dear one takes two of purchasing', async () => {
  const cheap = await play('order_laptop', { sku: 'L-13' }, 'orders')
  assert.equal((await cheap.end()).status, 'completed')

  const dear = await play('order_laptop', { sku: 'L-16' }, 'orders')
  const approval = await dear.approval()
  assert.deepEqual(approval.resource.facts, { eur: 2_400 })
  await approval.approve({ as: buyer('kim@corp.example') })
  assert.equal((await dear.now()).status, 'requires_action')
  await approval.approve({ as: buyer('lee@corp.example') })
  assert.equal((await dear.end()).status, 'completed')
  assert.deepEqual(corp.done().slice(1), [
    { kind: 'orders', email: ADA, key: `${cheap.id}/1/0`, sku: 'L-13', eur: 1_200 },
    { kind: 'orders', email: ADA, key: `${dear.id}/1/0`, sku: 'L-16', eur: 2_400 },
  ])
})

test('a request is sorted into a queue, also where the model has to be told what is wrong', async () => {
  system.expectModelCall().toSee('My laptop does not start').answer('{"queue":"laptops","urgent":true}')
  system
    .expectModelCall()
    .toSee('/queue: Must be one of: accounts, devices, other.')
    .answer('{"queue":"devices","urgent":true,"summary":"Laptop does not start."}')
  const run = await system.start({ agent: 'triage', input: 'My laptop does not start, and I have a flight.' })
  const { queue, urgent } = await run.output(triageOutput)
  assert.deepEqual([queue, urgent], ['devices', true])

  system.expectModelCall().toSee('Thanks').answer('No queue for this.')
  system.expectModelCall().toSee('not one JSON document').answer('As I said.')
  system.expectModelCall().toSee('not one JSON document').answer('Still none.')
  system.expectModelCall().toSee('not one JSON document').answer('None at all.')
  const thanks = await system.start({ agent: 'triage', input: 'Thanks!' })
  await assert.rejects(thanks.output(triageOutput), /incomplete, output_invalid/)
})
