import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTestSystem } from 'holdfast/testing'
import app from './app.ts'
import { seed } from './hotel.ts'

test('a refund above 50 euros is paid once a manager has approved it', async () => {
  await using system = await startTestSystem({ app, seed })
  system
    .expectModelCall()
    .toSee('reception of a small hotel')
    .answer({
      tool: 'handoff_to_cashier',
      arguments: { reason: 'A refund' },
    })
  system
    .expectModelCall()
    .toSee('cashier of a small hotel')
    .answer({ tool: 'refund', arguments: { booking: 'B-2', cents: 6_000 } })
  system.expectModelCall().toSee('refunded_cents').answer('You have 60 euros back.')

  const run = await system.start({ agent: 'reception', input: 'I want 60 euros back for B-2.' })
  const approval = await run.approval()
  assert.equal(approval.resource.tool, 'refund')
  await assert.rejects(approval.approve(), /answered 403/)
  await approval.approve({ as: { principal: 'mia', groups: ['managers'] } })

  const { status, output } = await run.end()
  assert.equal(status, 'completed')
  assert.equal(output, 'You have 60 euros back.')
  assert.deepEqual(await system.db.query({ text: 'select booking, cents from refunds' }), [
    { booking: 'B-2', cents: 6_000 },
  ])
  const tools = (await run.transcript()).filter((message) => message.role === 'tool')
  assert.equal(tools.length, 2)
})

test('a guest reaches no booking of somebody else', async () => {
  await using system = await startTestSystem({ app, seed })
  system.expectModelCall().answer({ tool: 'find_booking', arguments: { booking: 'B-1' } })
  system.expectModelCall().toSee('There is no booking B-1.').answer('I cannot find it.')
  const run = await system.start({ agent: 'reception', input: 'What did B-1 pay?', as: 'mallory' })
  assert.equal((await run.end()).status, 'completed')
})

test('a sub-agent answers a question about the rules', async () => {
  await using system = await startTestSystem({ app, seed })
  system.expectModelCall().answer({ tool: 'ask_rules', arguments: { task: 'May a dog stay?' } })
  system
    .expectModelCall()
    .toSee('May a dog stay?')
    .answer({ tool: 'search_rules', arguments: { words: 'dog' } })
  system.expectModelCall().toSee('Pets are welcome').answer('In rooms 10 to 19.')
  system.expectModelCall().toSee('In rooms 10 to 19.').answer('Yes, in rooms 10 to 19.')
  const run = await system.start({ agent: 'reception', input: 'May my dog stay with me?' })
  assert.equal((await run.end()).output, 'Yes, in rooms 10 to 19.')
})
