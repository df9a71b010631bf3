import type { AppDatabase, AppDb } from 'holdfast'
import type { ShopWrite } from './caller.ts'
import { lockShopOrder } from './lock-order.ts'

export interface NewRefund extends ShopWrite {
  readonly orderNumber: string
  readonly amountCents: number
  readonly currency: string
  readonly reason: string
  readonly explanation: string
}

interface Refund {
  readonly number: string
  readonly orderNumber: string
  readonly amountCents: number
  readonly currency: string
  readonly paidBackTo: string
}

export type RefundAnswer =
  | { readonly is: 'refunded'; readonly refund: Refund }
  | { readonly is: 'order_not_found' }
  | { readonly is: 'other_currency'; readonly currency: string }
  | { readonly is: 'too_much'; readonly refundableCents: number; readonly currency: string }

/** Gives money back, once for each call key and never more than was paid, whoever else refunds the same order now. */
export async function issueShopRefund(database: AppDatabase, refund: NewRefund): Promise<RefundAnswer> {
  return database.transaction(async (tx) => {
    const order = await lockShopOrder(tx, { ...refund, number: refund.orderNumber })
    if (!order) return { is: 'order_not_found' }
    // Only after the lock: a twin of this call that held it has committed by now, and its row is visible.
    const earlier = await findByKey(tx, refund)
    if (earlier) return { is: 'refunded', refund: { ...earlier, paidBackTo: order.paymentMethod } }
    if (refund.currency !== order.currency) return { is: 'other_currency', currency: order.currency }
    const refundableCents = order.paidCents - order.refundedCents
    if (refund.amountCents > refundableCents)
      return { is: 'too_much', refundableCents, currency: order.currency }
    return { is: 'refunded', refund: { ...(await insert(tx, refund)), paidBackTo: order.paymentMethod } }
  })
}

type StoredRefund = Omit<Refund, 'paidBackTo'>

const COLUMNS = 'number, order_number as "orderNumber", amount_cents as "amountCents", currency'

async function findByKey(tx: AppDb, { tenant, callKey }: ShopWrite): Promise<StoredRefund | undefined> {
  const [row] = await tx.query<StoredRefund>({
    text: `select ${COLUMNS} from shop_refunds where tenant = $1 and call_key = $2`,
    values: [tenant, callKey],
  })
  return row
}

async function insert(tx: AppDb, refund: NewRefund): Promise<StoredRefund> {
  const [row] = await tx.query<StoredRefund>({
    text: `
      with booked as (
        update shop_orders set refunded_cents = refunded_cents + $3 where tenant = $1 and number = $2
      )
      insert into shop_refunds (tenant, order_number, amount_cents, currency, reason, explanation, run_id, call_key, number)
      values ($1, $2, $3, $4, $5, $6, $7, $8, 'F-' || nextval('shop_refund_numbers'))
      returning ${COLUMNS}`,
    values: [
      refund.tenant,
      refund.orderNumber,
      refund.amountCents,
      refund.currency,
      refund.reason,
      refund.explanation,
      refund.runId,
      refund.callKey,
    ],
  })
  if (!row) throw new Error('an insert with returning gave no row')
  return row
}
