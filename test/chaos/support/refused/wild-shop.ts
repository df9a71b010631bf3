import type { JsonObject } from '../../../../src/contracts/json.ts'
import type { Database } from '../../../../src/store/database/database.ts'
import { type PersonName, REQUESTERS } from './people.ts'

const ORDERS_EACH = 4

export function orderOf(requester: PersonName, which: number): string {
  return `L-9${NUMBER_OF[requester]}00${which}`
}
const NUMBER_OF: Readonly<Record<PersonName, number>> = { ann: 1, bob: 2, cat: 3, dan: 4, eve: 5 }

/** Gives everybody who asks for runs some orders that can bear any number of refunds. */
export async function stockShop(database: Database): Promise<void> {
  for (const principal of REQUESTERS) {
    await database.query({
      text: `insert into shop_customers (tenant, id, principal, first_name, last_name, email, city, country)
        values ('default', $1, $1, $1, 'Test', $1 || '@example.com', 'Utrecht', 'NL')`,
      values: [principal],
    })
    for (let which = 0; which < ORDERS_EACH; which += 1) {
      await database.query({
        text: `insert into shop_orders
            (tenant, number, customer_id, status, currency, shipping_cents, paid_cents, payment_method, placed_at)
          values ('default', $2, $1, 'processing', 'EUR', 0, 2000000000, 'iDEAL', now())`,
        values: [principal, orderOf(principal, which)],
      })
    }
  }
}

/** A call that was carried out, by the shop's own books. */
export interface Effect {
  readonly runId: string
  readonly key: string
  readonly arguments: JsonObject
}

export async function effectsOf(database: Database): Promise<Effect[]> {
  return database.query<Effect & object>({
    text: `
      select run_id as "runId", call_key as key, json_build_object(
        'order_number', order_number, 'amount_cents', amount_cents, 'currency', currency,
        'reason', reason, 'explanation', explanation) as arguments
      from shop_refunds where run_id is not null
      union all
      select run_id, call_key, json_build_object('topic', topic, 'urgency', urgency, 'summary', summary)
      from shop_tickets where run_id is not null`,
  })
}
