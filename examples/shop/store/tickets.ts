import type { AppDb } from 'holdfast'
import type { ShopWrite } from './caller.ts'

export interface NewTicket extends ShopWrite {
  /** Must be an order of the caller's; null where the case is about none. */
  readonly orderNumber: string | null
  readonly urgency: 'normal' | 'urgent'
  readonly topic: string
  readonly summary: string
}

export interface Ticket {
  readonly number: string
  readonly urgency: 'normal' | 'urgent'
}

/** Puts a case into the people's queue, once for each call key; null where the order is not the caller's. */
export async function openShopTicket(db: AppDb, ticket: NewTicket): Promise<Ticket | null> {
  // A conflicting row is updated to itself, so that twins get the first one's row back and wait for its commit.
  const [row] = await db.query<Ticket>({
    text: `
      insert into shop_tickets (tenant, principal, order_number, urgency, topic, summary, run_id, call_key, number)
      select $1, $2, $3, $4, $5, $6, $7, $8, 'T-' || nextval('shop_ticket_numbers')
      where $3::text is null or exists (
        select from shop_orders o join shop_customers c on c.tenant = o.tenant and c.id = o.customer_id
        where o.tenant = $1 and c.principal = $2 and o.number = $3
      )
      on conflict (tenant, call_key) do update set call_key = excluded.call_key
      returning number, urgency`,
    values: [
      ticket.tenant,
      ticket.principal,
      ticket.orderNumber,
      ticket.urgency,
      ticket.topic,
      ticket.summary,
      ticket.runId,
      ticket.callKey,
    ],
  })
  return row ?? null
}
