/** Whose shop data a query may see. Every query of the shop takes one, and none takes a customer's id. */
export interface ShopCaller {
  readonly tenant: string
  readonly principal: string
}

/** A write made by a tool: on whose behalf, in which run, and under which key it happens once. */
export interface ShopWrite extends ShopCaller {
  readonly runId: string
  readonly callKey: string
}
