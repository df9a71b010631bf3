import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { AppDatabase } from 'holdfast'
import { seedShop } from '../data/seed-shop.ts'
import { forEachDatabase } from './each-database.ts'
import { contextOf, countOf, TOOLS } from './shop-context.ts'

const refundOf = (order_number: string, amount_cents: number, currency = 'EUR') => ({
  order_number,
  amount_cents,
  currency,
  reason: 'damaged',
  explanation: 'The tank is cracked.',
})

forEachDatabase((open) => {
  let db: AppDatabase
  before(async () => {
    db = await open()
    await seedShop(db)
  })

  const refundedOn = async (number: string) => {
    const [row] = await db.query<{ booked: number; summed: number }>({
      text: `select refunded_cents as booked, (
          select coalesce(sum(amount_cents), 0)::integer from shop_refunds where tenant = 'default' and order_number = $1
        ) as summed from shop_orders where tenant = 'default' and number = $1`,
      values: [number],
    })
    return row
  }

  test('called twice with one key it pays once, and answers the same', async () => {
    const context = contextOf(db)
    const first = await TOOLS.issue_refund.execute(refundOf('L-20871', 12_900), context)
    assert.equal(first['amount_cents'], 12_900)
    assert.equal(first['paid_back_to'], 'Visa ending in 4417')
    assert.deepEqual(await TOOLS.issue_refund.execute(refundOf('L-20871', 12_900), context), first)
    assert.deepEqual(await refundedOn('L-20871'), { booked: 12_900, summed: 12_900 })
  })

  test('twenty of one key at once pay once, and all get the one answer', async () => {
    const context = contextOf(db)
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => TOOLS.issue_refund.execute(refundOf('L-20412', 1_150), context)),
    )
    for (const answer of answers) assert.deepEqual(answer, answers[0])
    assert.equal(await countOf(db, 'shop_refunds where call_key = $1', [context.callKey]), 1)
    assert.deepEqual(await refundedOn('L-20412'), { booked: 1_150, summed: 1_150 })
  })

  test('different refunds of one order at once never give back more than was paid', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 12 }, () => TOOLS.issue_refund.execute(refundOf('L-20934', 3_000), contextOf(db))),
    )
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 2)
    for (const result of results) {
      if (result.status === 'rejected') assert.equal(result.reason.code, 'tool_refused')
    }
    assert.deepEqual(await refundedOn('L-20934'), { booked: 6_000, summed: 6_000 })
  })

  test('more than is left is refused with the figure, and moves nothing', async () => {
    await assert.rejects(TOOLS.issue_refund.execute(refundOf('L-20788', 7_151), contextOf(db)), {
      code: 'tool_refused',
      message: 'Only 7150 cents EUR of this order can still be refunded. Nothing was refunded.',
    })
    await assert.rejects(TOOLS.issue_refund.execute(refundOf('L-20655', 1), contextOf(db)), {
      code: 'tool_refused',
    })
    assert.deepEqual(await refundedOn('L-20788'), { booked: 1_250, summed: 1_250 })
  })

  test('another currency than the order’s is refused', async () => {
    await assert.rejects(TOOLS.issue_refund.execute(refundOf('L-20788', 100, 'GBP'), contextOf(db)), {
      code: 'tool_refused',
    })
  })

  test('an order of somebody else is as little there as one that never was, and keeps its money', async () => {
    const notFound = {
      code: 'tool_not_found',
      message: "There is no order with this number in the customer's account.",
    }
    await assert.rejects(TOOLS.issue_refund.execute(refundOf('L-20866', 100), contextOf(db)), notFound)
    await assert.rejects(TOOLS.issue_refund.execute(refundOf('L-99999', 100), contextOf(db)), notFound)
    assert.deepEqual(await refundedOn('L-20866'), { booked: 0, summed: 0 })
  })

  test('a key that was used on somebody’s order opens nothing to another caller', async () => {
    const callKey = 'run_01test/9/0'
    await TOOLS.issue_refund.execute(refundOf('L-20990', 100), contextOf(db, { callKey }))
    const other = contextOf(db, { callKey, principal: 'jonas.weber' })
    await assert.rejects(TOOLS.issue_refund.execute(refundOf('L-20990', 100), other), {
      code: 'tool_not_found',
    })
  })
})
