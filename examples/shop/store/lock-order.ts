import type { AppDb } from 'holdfast'
import type { ShopCaller } from './caller.ts'
import type { OrderStatus } from './orders.ts'

/** What a write has to know about an order before it changes anything on it. */
export interface LockedOrder {
  readonly status: OrderStatus
  readonly currency: string
  readonly paidCents: number
  readonly refundedCents: number
  readonly paymentMethod: string
  readonly email: string
  /** Days since delivery; null before it. */
  readonly daysSinceDelivery: number | null
}

/**
 * Locks the caller's order until the transaction ends, so that writes on one order come one after the other: what is read
 * after this call still holds when it is acted on. null where there is no such order, or it is somebody else's.
 */
export async function lockShopOrder(
  tx: AppDb,
  { tenant, principal, number }: ShopCaller & { number: string },
): Promise<LockedOrder | null> {
  const [row] = await tx.query<LockedOrder>({
    text: `
      select o.status, o.currency, o.paid_cents as "paidCents", o.refunded_cents as "refundedCents",
        o.payment_method as "paymentMethod", c.email,
        (now() at time zone 'utc')::date - (o.delivered_at at time zone 'utc')::date as "daysSinceDelivery"
      from shop_orders o join shop_customers c on c.tenant = o.tenant and c.id = o.customer_id
      where o.tenant = $1 and c.principal = $2 and o.number = $3
      for update of o`,
    values: [tenant, principal, number],
  })
  return row ?? null
}
