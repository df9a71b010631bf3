/*
 * The shapes of the shop's data as it is written down. Times are days before the day of seeding, so that "delivered last
 * week" stays true whenever a newcomer starts the stack for the first time.
 */

type Currency = 'EUR' | 'GBP'

export interface Product {
  readonly title: string
  /** Cents by currency. */
  readonly price: { readonly [C in Currency]: number }
  /** Absent where it may come back for a change of mind. */
  readonly returnable?: false
}

export interface Customer {
  /** Whom the API knows this customer as. */
  readonly principal: string
  readonly firstName: string
  readonly lastName: string
  readonly email: string
  readonly city: string
  readonly country: string
}

export interface ShopOrder<Sku extends string = string, CustomerId extends string = string> {
  readonly number: `L-${number}`
  readonly customer: CustomerId
  readonly placed: DaysAgo
  readonly currency?: Currency
  readonly payment: string
  /** SKU and quantity. */
  readonly lines: readonly (readonly [Sku, number])[]
  readonly cancelled?: true
  /** Absent as long as the order is being packed. */
  readonly parcel?: Parcel
  readonly returns?: readonly ShopReturnData<Sku>[]
  readonly refunds?: readonly ShopRefundData[]
}

/** 0 is the day of seeding; a negative number lies after it. */
export type DaysAgo = number

interface Parcel {
  readonly carrier: string
  readonly tracking: string
  readonly shipped: DaysAgo
  readonly expected: DaysAgo
  readonly delivered?: DaysAgo
  readonly note?: string
}

interface ShopReturnData<Sku extends string = string> {
  readonly number: `R-${number}`
  readonly status: 'label_sent' | 'in_transit' | 'received' | 'refunded' | 'declined'
  readonly reason: string
  readonly created: DaysAgo
  readonly items: readonly (readonly [Sku, number])[]
  readonly note?: string
}

interface ShopRefundData {
  readonly number: `F-${number}`
  readonly cents: number
  readonly reason: string
  readonly explanation: string
  readonly issued: DaysAgo
}
