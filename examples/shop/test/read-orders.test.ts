import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { AppDatabase } from 'holdfast'
import { seedShop } from '../data/seed-shop.ts'
import { forEachDatabase } from './each-database.ts'
import { contextOf, TOOLS } from './shop-context.ts'

forEachDatabase((open) => {
  let db: AppDatabase
  before(async () => {
    db = await open()
    await seedShop(db)
  })

  test('a customer sees their own orders, newest first', async () => {
    const { customer_first_name, orders } = await TOOLS.list_orders.execute({}, contextOf(db))
    assert.equal(customer_first_name, 'Maya')
    const numbers = (orders as { order_number: string }[]).map((order) => order.order_number)
    assert.deepEqual(numbers, [
      'L-20990',
      'L-20934',
      'L-20871',
      'L-20850',
      'L-20788',
      'L-20655',
      'L-20412',
      'L-20301',
    ])
  })

  test('an order comes with its items, its money and what has been refunded', async () => {
    const order = await TOOLS.get_order.execute({ order_number: 'L-20788' }, contextOf(db))
    assert.equal(order['paid_cents'], 8_400)
    assert.equal(order['refunded_cents'], 1_250)
    assert.equal(order['refundable_cents'], 7_150)
    assert.equal(order['return_window'], 'open')
    assert.deepEqual(order['items'], [
      {
        sku: 'MUG-STN-SA',
        title: 'Stoneware mug, sand',
        quantity: 4,
        unit_price_cents: 1_250,
        returnable: true,
      },
      {
        sku: 'VEL-SCL-01',
        title: 'Vela kitchen scale',
        quantity: 1,
        unit_price_cents: 3_400,
        returnable: true,
      },
    ])
    assert.equal((order['refunds'] as { refund_number: string }[])[0]?.refund_number, 'F-6204')
  })

  test('an order number may be written the ways customers write it', async () => {
    for (const order_number of ['l-20871', '#L-20871', '20871', ' L 20871 ']) {
      const order = await TOOLS.get_order.execute({ order_number }, contextOf(db))
      assert.equal(order['order_number'], 'L-20871', order_number)
    }
  })

  test('an order of somebody else, one of another tenant and one that never was get the same answer', async () => {
    const answerTo = (order_number: string, context = contextOf(db)) =>
      TOOLS.get_order.execute({ order_number }, context).then(
        () => assert.fail(`${order_number} was shown`),
        ({ name, code, message }: Error & { code: string }) => ({ name, code, message }),
      )
    const missing = await answerTo('L-99999')
    assert.equal(missing.code, 'tool_not_found')
    assert.deepEqual(await answerTo('L-20998'), missing)
    assert.deepEqual(await answerTo('L-20871', contextOf(db, { tenant: 'other' })), missing)
    assert.deepEqual(await answerTo('L-20871', contextOf(db, { principal: 'nobody' })), missing)
    assert.deepEqual(await answerTo("' or true --"), missing)
  })

  test('who is no customer is told so', async () => {
    await assert.rejects(TOOLS.list_orders.execute({}, contextOf(db, { principal: 'nobody' })), {
      code: 'tool_not_found',
    })
  })

  test('a late parcel says by how many days, a delivered one whether it can still come back', async () => {
    const late = await TOOLS.get_order.execute({ order_number: 'L-20850' }, contextOf(db))
    assert.ok((late['delivery'] as { overdue_days: number }).overdue_days >= 9)
    assert.equal(late['return_window'], 'not_delivered_yet')
    const old = await TOOLS.get_order.execute({ order_number: 'L-20412' }, contextOf(db))
    assert.equal(old['return_window'], 'closed')
  })
})
