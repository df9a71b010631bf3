import { SHOP_POLICY } from '../rules.ts'
import { CUSTOMERS, type CustomerId } from './customers.ts'
import { ORDERS_OF_MAYA } from './orders-of-maya.ts'
import { ORDERS_OF_OTHERS } from './orders-of-others.ts'
import { PRODUCTS, type Sku } from './products.ts'
import type { DaysAgo, Product, ShopOrder } from './shop-data.ts'

export const ORDERS: readonly ShopOrder<Sku, CustomerId>[] = [...ORDERS_OF_MAYA, ...ORDERS_OF_OTHERS]

/** The orders as rows, one list a table, with `today` (UTC midnight, ms) as day 0. Money that follows from prices is worked out. */
export function orderRows(today: number) {
  const day = (ago: DaysAgo) => new Date(today - ago * DAY_MS).toISOString().slice(0, 10)
  const time = (ago: DaysAgo, order: ShopOrder, hour: number) =>
    // Spread over the hour by the order's number, and never later than now on the day itself.
    new Date(today - ago * DAY_MS + (ago === 0 ? 0 : hour * HOUR_MS + minuteOf(order) * 60_000)).toISOString()

  return {
    orders: ORDERS.map((order) => ({
      number: order.number,
      customer_id: order.customer,
      status: statusOf(order),
      currency: currencyOf(order),
      shipping_cents: shippingCents(order),
      paid_cents: itemsCents(order) + shippingCents(order),
      refunded_cents: sum((order.refunds ?? []).map((refund) => refund.cents)),
      payment_method: order.payment,
      placed_at: time(order.placed, order, 8),
      shipped_at: order.parcel ? time(order.parcel.shipped, order, 15) : null,
      expected_on: order.parcel ? day(order.parcel.expected) : null,
      delivered_at: order.parcel?.delivered === undefined ? null : time(order.parcel.delivered, order, 18),
      carrier: order.parcel?.carrier ?? null,
      tracking_number: order.parcel?.tracking ?? null,
      delivery_note: order.parcel?.note ?? null,
    })),
    lines: ORDERS.flatMap((order) =>
      order.lines.map(([sku, quantity], index) => {
        const product: Product = PRODUCTS[sku]
        return {
          order_number: order.number,
          line: index + 1,
          sku,
          title: product.title,
          quantity,
          unit_price_cents: product.price[currencyOf(order)],
          returnable: product.returnable ?? true,
        }
      }),
    ),
    returns: ORDERS.flatMap((order) =>
      (order.returns ?? []).map((sent) => ({
        number: sent.number,
        order_number: order.number,
        status: sent.status,
        reason: sent.reason,
        note: sent.note ?? null,
        created_at: time(sent.created, order, 10),
        send_back_by: day(sent.created - SHOP_POLICY.sendBackDays),
      })),
    ),
    returnLines: ORDERS.flatMap((order) =>
      (order.returns ?? []).flatMap((sent) =>
        sent.items.map(([sku, quantity]) => ({ return_number: sent.number, sku, quantity })),
      ),
    ),
    refunds: ORDERS.flatMap((order) =>
      (order.refunds ?? []).map((refund) => ({
        number: refund.number,
        order_number: order.number,
        amount_cents: refund.cents,
        currency: currencyOf(order),
        reason: refund.reason,
        explanation: refund.explanation,
        created_at: time(refund.issued, order, 11),
      })),
    ),
    customers: Object.entries(CUSTOMERS).map(([id, customer]) => ({
      id,
      principal: customer.principal,
      first_name: customer.firstName,
      last_name: customer.lastName,
      email: customer.email,
      city: customer.city,
      country: customer.country,
    })),
  }
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

function minuteOf(order: ShopOrder): number {
  return Number(order.number.slice(2)) % 60
}

function currencyOf(order: ShopOrder): 'EUR' | 'GBP' {
  return order.currency ?? 'EUR'
}

function itemsCents(order: ShopOrder<Sku>): number {
  return sum(order.lines.map(([sku, quantity]) => PRODUCTS[sku].price[currencyOf(order)] * quantity))
}

function shippingCents(order: ShopOrder<Sku>): number {
  const { freeFromCents, costCents } = SHOP_POLICY.standardDelivery
  return itemsCents(order) >= freeFromCents ? 0 : costCents[currencyOf(order)]
}

function statusOf(order: ShopOrder): string {
  if (order.cancelled) return 'cancelled'
  if (!order.parcel) return 'processing'
  if (order.parcel.delivered === undefined) return 'shipped'
  const bought = sum(order.lines.map(([, quantity]) => quantity))
  const refunded = (order.returns ?? []).filter((sent) => sent.status === 'refunded')
  return sum(refunded.flatMap((sent) => sent.items.map(([, quantity]) => quantity))) === bought
    ? 'returned'
    : 'delivered'
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
