import { SHOP_POLICY } from '../rules.ts'
import type { Order } from '../store/order.ts'

/** An order in the words that the model reads. What needs today's date is worked out here: a model has no calendar. */
export function describeOrder(order: Order) {
  return {
    order_number: order.number,
    status: order.status,
    placed_on: order.placedOn,
    currency: order.currency,
    items: order.lines.map((line) => ({
      sku: line.sku,
      title: line.title,
      quantity: line.quantity,
      unit_price_cents: line.unitPriceCents,
      returnable: line.returnable,
    })),
    shipping_cents: order.shippingCents,
    paid_cents: order.paidCents,
    refunded_cents: order.refundedCents,
    refundable_cents: order.paidCents - order.refundedCents,
    payment_method: order.paymentMethod,
    delivery: {
      city: order.city,
      carrier: order.carrier,
      tracking_number: order.trackingNumber,
      shipped_on: order.shippedOn,
      expected_on: order.expectedOn,
      delivered_on: order.deliveredOn,
      overdue_days: order.overdueDays,
      note: order.deliveryNote,
    },
    return_window: returnWindow(order.daysSinceDelivery),
    returns: order.returns.map((sent) => ({
      return_number: sent.number,
      status: sent.status,
      created_on: sent.createdOn,
      send_back_by: sent.sendBackBy,
      items: sent.lines.map(({ sku, quantity }) => ({ sku, quantity })),
    })),
    refunds: order.refunds.map((refund) => ({
      refund_number: refund.number,
      amount_cents: refund.amountCents,
      reason: refund.reason,
      issued_on: refund.createdOn,
    })),
  }
}

function returnWindow(daysSinceDelivery: number | null): 'not_delivered_yet' | 'open' | 'closed' {
  if (daysSinceDelivery === null) return 'not_delivered_yet'
  return daysSinceDelivery <= SHOP_POLICY.returnWindowDays ? 'open' : 'closed'
}
