/** What the demonstration shop promises its customers. Its help articles say the same; a test compares the two. */
export const SHOP_POLICY = {
  /** Days after delivery in which anything unused may come back. */
  returnWindowDays: 30,
  /** Days after delivery in which a fault is the shop's to mend, replace or refund. */
  guaranteeDays: 730,
  /** Days that a return label may be used. */
  sendBackDays: 14,
  refundArrivesWorkingDays: 5,
  /** Free from this value of the items on, in the order's currency. */
  standardDelivery: { freeFromCents: 5_000, costCents: { EUR: 490, GBP: 450 } },
  /** By when a person answers a ticket, in hours. */
  answerHours: { normal: 24, urgent: 4 },
  /** Orders that one look-up lists. */
  listedOrders: 20,
  /** Articles that one search gives back. */
  searchHits: 5,
} as const
