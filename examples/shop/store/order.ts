import type { AppDb } from 'holdfast'
import type { ShopCaller } from './caller.ts'
import type { OrderStatus } from './orders.ts'

/** One order with everything that hangs on it. Days are `YYYY-MM-DD`, UTC. */
export interface Order {
  readonly number: string
  readonly status: OrderStatus
  readonly currency: string
  readonly shippingCents: number
  readonly paidCents: number
  readonly refundedCents: number
  readonly paymentMethod: string
  readonly placedOn: string
  readonly shippedOn: string | null
  readonly expectedOn: string | null
  readonly deliveredOn: string | null
  /** Days since the expected one, 0 where the order is on time or no longer on its way. */
  readonly overdueDays: number
  /** Days since delivery; null before it. */
  readonly daysSinceDelivery: number | null
  readonly carrier: string | null
  readonly trackingNumber: string | null
  readonly deliveryNote: string | null
  readonly city: string
  readonly lines: readonly OrderLine[]
  readonly returns: readonly OrderReturn[]
  readonly refunds: readonly OrderRefund[]
}

interface OrderLine {
  readonly sku: string
  readonly title: string
  readonly quantity: number
  readonly unitPriceCents: number
  readonly returnable: boolean
}

interface OrderReturn {
  readonly number: string
  readonly status: string
  readonly createdOn: string
  readonly sendBackBy: string
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[]
}

interface OrderRefund {
  readonly number: string
  readonly amountCents: number
  readonly reason: string
  readonly createdOn: string
}

/** The caller's order of this number; null where there is none, or it is somebody else's. */
export async function findShopOrder(
  db: AppDb,
  { tenant, principal, number }: ShopCaller & { number: string },
): Promise<Order | null> {
  const [row] = await db.query<Order>({
    name: 'shop-find-order',
    text: `
      select o.number, o.status, o.currency, o.shipping_cents as "shippingCents", o.paid_cents as "paidCents",
        o.refunded_cents as "refundedCents", o.payment_method as "paymentMethod",
        ${day('o.placed_at')} as "placedOn", ${day('o.shipped_at')} as "shippedOn",
        to_char(o.expected_on, 'YYYY-MM-DD') as "expectedOn", ${day('o.delivered_at')} as "deliveredOn",
        case when o.status = 'shipped' then greatest(0, (now() at time zone 'utc')::date - o.expected_on) else 0 end as "overdueDays",
        (now() at time zone 'utc')::date - (o.delivered_at at time zone 'utc')::date as "daysSinceDelivery",
        o.carrier, o.tracking_number as "trackingNumber", o.delivery_note as "deliveryNote", c.city,
        (
          select json_agg(json_build_object('sku', l.sku, 'title', l.title, 'quantity', l.quantity,
            'unitPriceCents', l.unit_price_cents, 'returnable', l.returnable) order by l.line)
          from shop_order_lines l where l.tenant = o.tenant and l.order_number = o.number
        ) as lines,
        coalesce((
          select json_agg(json_build_object('number', r.number, 'status', r.status, 'createdOn', ${day('r.created_at')},
            'sendBackBy', to_char(r.send_back_by, 'YYYY-MM-DD'), 'lines', (
              select json_agg(json_build_object('sku', rl.sku, 'quantity', rl.quantity) order by rl.sku)
              from shop_return_lines rl where rl.tenant = r.tenant and rl.return_number = r.number
            )) order by r.created_at)
          from shop_returns r where r.tenant = o.tenant and r.order_number = o.number
        ), '[]') as returns,
        coalesce((
          select json_agg(json_build_object('number', f.number, 'amountCents', f.amount_cents, 'reason', f.reason,
            'createdOn', ${day('f.created_at')}) order by f.created_at)
          from shop_refunds f where f.tenant = o.tenant and f.order_number = o.number
        ), '[]') as refunds
      from shop_orders o join shop_customers c on c.tenant = o.tenant and c.id = o.customer_id
      where o.tenant = $1 and c.principal = $2 and o.number = $3`,
    values: [tenant, principal, number],
  })
  return row ?? null
}

function day(column: string): string {
  return `to_char(${column} at time zone 'utc', 'YYYY-MM-DD')`
}
