import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CUSTOMERS } from '../data/customers.ts'
import { ORDERS, orderRows } from '../data/order-rows.ts'
import { SHOP_POLICY } from '../rules.ts'

const TODAY = Date.UTC(2026, 10, 21)
const rows = orderRows(TODAY)
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

test('every number is used once, and rises with the day it was given', () => {
  const numbers = [rows.orders, rows.returns, rows.refunds].flatMap((list) => list.map((row) => row.number))
  assert.equal(new Set(numbers).size, numbers.length)
  const placed = rows.orders.toSorted((a, b) => Number(a.number.slice(2)) - Number(b.number.slice(2)))
  for (const [index, order] of placed.entries()) {
    assert.ok(order.placed_at.slice(0, 10) >= (placed[index - 1]?.placed_at.slice(0, 10) ?? ''), order.number)
  }
  // The store's own sequences begin above these.
  for (const { number } of rows.returns) assert.ok(Number(number.slice(2)) < 4_001, number)
  for (const { number } of rows.refunds) assert.ok(Number(number.slice(2)) < 7_001, number)
})

test('what was paid is the items and the delivery, and no more is refunded than was paid', () => {
  for (const order of rows.orders) {
    const items = sum(
      rows.lines
        .filter((line) => line.order_number === order.number)
        .map((line) => line.unit_price_cents * line.quantity),
    )
    const refunds = rows.refunds.filter((refund) => refund.order_number === order.number)
    assert.equal(order.paid_cents, items + order.shipping_cents, order.number)
    assert.equal(
      order.shipping_cents === 0,
      items >= SHOP_POLICY.standardDelivery.freeFromCents,
      order.number,
    )
    assert.equal(order.refunded_cents, sum(refunds.map((refund) => refund.amount_cents)))
    assert.ok(order.refunded_cents <= order.paid_cents, order.number)
    if (order.status === 'cancelled' || order.status === 'returned') {
      assert.equal(order.refunded_cents, order.paid_cents, order.number)
    }
  }
})

test('things happen one after the other: placed, sent, delivered, sent back, refunded', () => {
  for (const order of rows.orders) {
    const returns = rows.returns.filter((sent) => sent.order_number === order.number)
    const refunds = rows.refunds.filter((refund) => refund.order_number === order.number)
    const story = [
      order.placed_at,
      order.shipped_at,
      order.delivered_at,
      ...returns.map((sent) => sent.created_at),
    ].filter((at): at is string => at !== null)
    assert.deepEqual(story, story.toSorted(), order.number)
    for (const { created_at } of refunds) assert.ok(created_at > order.placed_at, order.number)
    for (const at of [...story, ...refunds.map((refund) => refund.created_at)]) {
      assert.ok(Date.parse(at) <= TODAY, `${order.number} has something that is still to come`)
    }
    if (returns.length > 0) assert.ok(order.delivered_at, order.number)
  }
})

test('only what was bought comes back', () => {
  for (const line of rows.returnLines) {
    const order = rows.returns.find((sent) => sent.number === line.return_number)?.order_number
    const bought = rows.lines.find((row) => row.order_number === order && row.sku === line.sku)
    assert.ok(bought && bought.quantity >= line.quantity, line.return_number)
  }
})

test('the customer of the local stack has an order for every story, the others at least one', () => {
  const statuses = rows.orders.filter((order) => order.customer_id === 'maya').map((order) => order.status)
  assert.equal(CUSTOMERS.maya.principal, 'local')
  for (const status of ['processing', 'shipped', 'delivered', 'returned', 'cancelled']) {
    assert.ok(statuses.includes(status), status)
  }
  for (const id of Object.keys(CUSTOMERS))
    assert.ok(
      ORDERS.some((order) => order.customer === id),
      id,
    )
})
