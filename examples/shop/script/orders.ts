import type { Json, JsonObject } from 'holdfast'

/** An order as `list_orders` shows it. */
export interface ListedOrder {
  readonly number: string
  readonly status: string
  readonly placedOn: string
  readonly items: readonly { readonly title: string; readonly quantity: number }[]
}

/** An order as `get_order` shows it. */
export interface OrderDetails extends Omit<ListedOrder, 'items'> {
  readonly currency: string
  readonly refundableCents: number
  readonly returnWindow: string
  readonly items: readonly OrderItem[]
  readonly carrier: string
  readonly tracking: string
  readonly expectedOn: string
  readonly deliveredOn: string
  readonly overdueDays: number
  readonly deliveryNote: string
  readonly refunds: readonly { readonly number: string; readonly cents: number; readonly issuedOn: string }[]
}

export interface OrderItem {
  readonly sku: string
  readonly title: string
  readonly quantity: number
  readonly unitPriceCents: number
}

export function readOrderList(value: JsonObject): { firstName: string; orders: readonly ListedOrder[] } {
  return {
    firstName: text(value['customer_first_name']),
    orders: objects(value['orders']).map((order) => ({
      number: text(order['order_number']),
      status: text(order['status']),
      placedOn: text(order['placed_on']),
      items: objects(order['items']).map((item) => ({
        title: text(item['title']),
        quantity: count(item['quantity']),
      })),
    })),
  }
}

export function readOrder(value: JsonObject): OrderDetails {
  const [delivery = {}] = objects([value['delivery'] ?? null])
  return {
    number: text(value['order_number']),
    status: text(value['status']),
    placedOn: text(value['placed_on']),
    currency: text(value['currency']),
    refundableCents: count(value['refundable_cents']),
    returnWindow: text(value['return_window']),
    items: objects(value['items']).map((item) => ({
      sku: text(item['sku']),
      title: text(item['title']),
      quantity: count(item['quantity']),
      unitPriceCents: count(item['unit_price_cents']),
    })),
    carrier: text(delivery['carrier']),
    tracking: text(delivery['tracking_number']),
    expectedOn: text(delivery['expected_on']),
    deliveredOn: text(delivery['delivered_on']),
    overdueDays: count(delivery['overdue_days']),
    deliveryNote: text(delivery['note']),
    refunds: objects(value['refunds']).map((refund) => ({
      number: text(refund['refund_number']),
      cents: count(refund['amount_cents']),
      issuedOn: text(refund['issued_on']),
    })),
  }
}

export function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

export function count(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0
}

export function objects(value: Json | undefined): readonly JsonObject[] {
  if (!Array.isArray(value)) return []
  return value.filter(
    (item): item is JsonObject => typeof item === 'object' && item !== null && !Array.isArray(item),
  )
}
