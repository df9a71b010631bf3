import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { AppDatabase } from 'holdfast'
import { seedShop } from '../data/seed-shop.ts'
import { forEachDatabase } from './each-database.ts'
import { contextOf, countOf, TOOLS } from './shop-context.ts'

const returnOf = (order_number: string, sku: string, quantity: number, reason = 'changed_mind') => ({
  order_number,
  items: [{ sku, quantity }],
  reason,
})

forEachDatabase((open) => {
  let db: AppDatabase
  before(async () => {
    db = await open()
    await seedShop(db)
  })

  test('a return is created once for a key, and the order shows it', async () => {
    const context = contextOf(db)
    const first = await TOOLS.create_return.execute(returnOf('L-20871', 'DSC-SCH-04', 1), context)
    assert.equal(first['label_sent_to'], 'maya.okafor@mail.example')
    assert.deepEqual(first['items'], [{ sku: 'DSC-SCH-04', title: 'Descaler, 4 sachets', quantity: 1 }])
    assert.deepEqual(await TOOLS.create_return.execute(returnOf('L-20871', 'DSC-SCH-04', 1), context), first)
    assert.equal(await countOf(db, 'shop_returns where call_key = $1', [context.callKey]), 1)
    const order = await TOOLS.get_order.execute({ order_number: 'L-20871' }, contextOf(db))
    const [shown] = order['returns'] as { return_number: string; status: string }[]
    assert.equal(shown?.return_number, first['return_number'])
    assert.equal(shown?.status, 'label_sent')
  })

  test('twenty of one key at once create one return', async () => {
    const context = contextOf(db)
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        TOOLS.create_return.execute(returnOf('L-20788', 'VEL-SCL-01', 1), context),
      ),
    )
    for (const answer of answers) assert.deepEqual(answer, answers[0])
    assert.equal(await countOf(db, 'shop_returns where call_key = $1', [context.callKey]), 1)
  })

  test('several returns at once never take back more than was bought', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, () =>
        TOOLS.create_return.execute(returnOf('L-20788', 'MUG-STN-SA', 1), contextOf(db)),
      ),
    )
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 4)
  })

  test('the shop’s rules say no in words that a model can pass on', async () => {
    const refused = async (args: ReturnType<typeof returnOf>, message: RegExp, principal = 'local') =>
      assert.rejects(TOOLS.create_return.execute(args, contextOf(db, { principal })), {
        code: 'tool_refused',
        message,
      })
    await refused(returnOf('L-20990', 'MUG-STN-MO', 1), /not been delivered yet\. No return was created\.$/)
    await refused(returnOf('L-20412', 'FLK-GRD-02', 1), /delivered 5\d days ago.* 30 days/)
    await refused(returnOf('L-20871', 'VEL-SCL-01', 1), /no item with SKU VEL-SCL-01/)
    await refused(returnOf('L-20871', 'BAM-ESP-01', 2), /Only 1 of "Bambina espresso machine"/)
    await refused(returnOf('L-20655', 'POV-SET-06', 1), /The order is returned/)
    await refused(
      returnOf('L-20866', 'TMP-ENG-58', 1),
      /cannot be returned for a change of mind/,
      'daan.vermeulen',
    )
    await refused(returnOf('L-14102', 'FLK-GRD-02', 1, 'faulty'), /for 730 days/, 'oliver.hughes')
  })

  test('a fault is taken back where a change of mind is not: after a month, and made to order', async () => {
    await TOOLS.create_return.execute(returnOf('L-20412', 'FLK-GRD-02', 1, 'faulty'), contextOf(db))
    const daan = contextOf(db, { principal: 'daan.vermeulen' })
    await TOOLS.create_return.execute(returnOf('L-20866', 'TMP-ENG-58', 1, 'faulty'), daan)
  })

  test('an order of somebody else is not found', async () => {
    await assert.rejects(TOOLS.create_return.execute(returnOf('L-20903', 'FRP-GLS-08', 1), contextOf(db)), {
      code: 'tool_not_found',
    })
  })
})
