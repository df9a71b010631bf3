import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { AppDatabase } from 'holdfast'
import { seedShop } from '../data/seed-shop.ts'
import { forEachDatabase } from './each-database.ts'
import { contextOf, countOf, TOOLS } from './shop-context.ts'

const CASE = { topic: 'legal', urgency: 'urgent', summary: 'Threatens to sue over a late parcel.' }

forEachDatabase((open) => {
  let db: AppDatabase
  before(async () => {
    db = await open()
    await seedShop(db)
  })

  test('twenty calls of one key open one ticket', async () => {
    const context = contextOf(db)
    const args = { ...CASE, order_number: 'L-20850' }
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => TOOLS.escalate_to_person.execute(args, context)),
    )
    for (const answer of answers) assert.deepEqual(answer, answers[0])
    assert.match(String(answers[0]?.['ticket_number']), /^T-\d+$/)
    assert.equal(answers[0]?.['answered_within_hours'], 4)
    assert.equal(await countOf(db, 'shop_tickets where call_key = $1', [context.callKey]), 1)
  })

  test('also who is no customer reaches a person', async () => {
    const ticket = await TOOLS.escalate_to_person.execute(CASE, contextOf(db, { principal: 'nobody' }))
    assert.match(String(ticket['ticket_number']), /^T-\d+$/)
  })

  test('a ticket cannot name an order of somebody else', async () => {
    const context = contextOf(db)
    await assert.rejects(TOOLS.escalate_to_person.execute({ ...CASE, order_number: 'L-20998' }, context), {
      code: 'tool_not_found',
    })
    assert.equal(await countOf(db, 'shop_tickets where call_key = $1', [context.callKey]), 0)
  })
})
