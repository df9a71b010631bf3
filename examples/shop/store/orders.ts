import type { AppDb } from 'holdfast'
import type { ShopCaller } from './caller.ts'

export type OrderStatus = 'processing' | 'shipped' | 'delivered' | 'returned' | 'cancelled'

export interface OrderSummary {
  readonly number: string
  readonly status: OrderStatus
  /** Days as `YYYY-MM-DD`, UTC. */
  readonly placedOn: string
  readonly currency: string
  readonly paidCents: number
  readonly refundedCents: number
  readonly lines: readonly { readonly title: string; readonly quantity: number }[]
}

/** The caller's orders, newest first; null where the caller is no customer. */
export async function listShopOrders(
  db: AppDb,
  { tenant, principal, limit }: ShopCaller & { limit: number },
): Promise<{ firstName: string; orders: readonly OrderSummary[] } | null> {
  const [row] = await db.query<{ firstName: string; orders: OrderSummary[] }>({
    name: 'shop-list-orders',
    text: `
      select c.first_name as "firstName", coalesce((
        select json_agg(json_build_object(
          'number', o.number, 'status', o.status, 'placedOn', to_char(o.placed_at at time zone 'utc', 'YYYY-MM-DD'),
          'currency', o.currency, 'paidCents', o.paid_cents, 'refundedCents', o.refunded_cents,
          'lines', (
            select json_agg(json_build_object('title', l.title, 'quantity', l.quantity) order by l.line)
            from shop_order_lines l where l.tenant = o.tenant and l.order_number = o.number
          )) order by o.placed_at desc, o.number desc)
        from (
          select * from shop_orders
          where tenant = c.tenant and customer_id = c.id
          order by placed_at desc, number desc limit $3
        ) o
      ), '[]') as orders
      from shop_customers c where c.tenant = $1 and c.principal = $2`,
    values: [tenant, principal, limit],
  })
  return row ?? null
}
