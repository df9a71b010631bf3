import type { AppDatabase, AppDb } from 'holdfast'
import type { ShopWrite } from './caller.ts'
import { type LockedOrder, lockShopOrder } from './lock-order.ts'

export interface NewReturn extends ShopWrite {
  readonly orderNumber: string
  readonly items: readonly ReturnItem[]
  readonly reason: string
  readonly note: string | null
  /** Days that the customer has to post the parcel. */
  readonly sendBackDays: number
}

export interface ReturnItem {
  readonly sku: string
  readonly quantity: number
}

/** What is known about an item of the order when somebody wants to send it back. */
export interface ReturnableLine {
  readonly sku: string
  readonly title: string
  readonly returnable: boolean
  /** Bought and not in a return already. */
  readonly left: number
}

interface ShopReturn {
  readonly number: string
  readonly orderNumber: string
  readonly sendBackBy: string
  readonly labelSentTo: string
  readonly items: readonly (ReturnItem & { readonly title: string })[]
}

export type ReturnAnswer =
  | { readonly is: 'created'; readonly shopReturn: ShopReturn }
  | { readonly is: 'order_not_found' }
  | { readonly is: 'refused'; readonly why: string }

/** The shop's rules, asked while the order is locked: the reason to refuse in our words, or null. */
export type ReturnRule = (order: LockedOrder, lines: readonly ReturnableLine[]) => string | null

/** Records a return once for each call key, if `rule` has nothing against it. */
export async function createShopReturn(
  database: AppDatabase,
  request: NewReturn,
  rule: ReturnRule,
): Promise<ReturnAnswer> {
  return database.transaction(async (tx) => {
    const order = await lockShopOrder(tx, { ...request, number: request.orderNumber })
    if (!order) return { is: 'order_not_found' }
    // Only after the lock: a twin of this call that held it has committed by now, and its row is visible.
    const earlier = await findByKey(tx, request)
    if (earlier) return { is: 'created', shopReturn: { ...earlier, labelSentTo: order.email } }
    const why = rule(order, await returnableLines(tx, request))
    if (why !== null) return { is: 'refused', why }
    await insert(tx, request)
    const created = await findByKey(tx, request)
    if (!created) throw new Error('a return that was just stored is not there')
    return { is: 'created', shopReturn: { ...created, labelSentTo: order.email } }
  })
}

async function findByKey(
  tx: AppDb,
  { tenant, callKey }: ShopWrite,
): Promise<Omit<ShopReturn, 'labelSentTo'> | undefined> {
  const [row] = await tx.query<Omit<ShopReturn, 'labelSentTo'>>({
    text: `
      select r.number, r.order_number as "orderNumber", to_char(r.send_back_by, 'YYYY-MM-DD') as "sendBackBy", (
        select json_agg(json_build_object('sku', l.sku, 'title', l.title, 'quantity', i.quantity) order by l.line)
        from shop_return_lines i
        join shop_order_lines l on l.tenant = i.tenant and l.order_number = r.order_number and l.sku = i.sku
        where i.tenant = r.tenant and i.return_number = r.number
      ) as items
      from shop_returns r where r.tenant = $1 and r.call_key = $2`,
    values: [tenant, callKey],
  })
  return row
}

async function returnableLines(
  tx: AppDb,
  { tenant, orderNumber }: NewReturn,
): Promise<readonly ReturnableLine[]> {
  return tx.query<ReturnableLine>({
    text: `
      select l.sku, l.title, l.returnable, l.quantity - coalesce((
        select sum(i.quantity) from shop_return_lines i
        join shop_returns r on r.tenant = i.tenant and r.number = i.return_number
        where i.tenant = l.tenant and i.sku = l.sku and r.order_number = l.order_number and r.status <> 'declined'
      ), 0)::integer as left
      from shop_order_lines l where l.tenant = $1 and l.order_number = $2 order by l.line`,
    values: [tenant, orderNumber],
  })
}

async function insert(tx: AppDb, request: NewReturn): Promise<void> {
  await tx.query({
    text: `
      with made as (
        insert into shop_returns (tenant, order_number, status, reason, note, call_key, send_back_by, number)
        values ($1, $2, 'label_sent', $3, $4, $5, (now() at time zone 'utc')::date + $6::integer,
          'R-' || nextval('shop_return_numbers'))
        returning tenant, number
      )
      insert into shop_return_lines (tenant, return_number, sku, quantity)
      select made.tenant, made.number, item.sku, item.quantity
      from made, unnest($7::text[], $8::integer[]) as item(sku, quantity)`,
    values: [
      request.tenant,
      request.orderNumber,
      request.reason,
      request.note,
      request.callKey,
      request.sendBackDays,
      request.items.map((item) => item.sku),
      request.items.map((item) => item.quantity),
    ],
  })
}
