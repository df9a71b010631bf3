import type { BookedCall } from './booked-call.ts'

/** A request in a provider's own book. Prices are micro-USD. */
export interface Billed {
  readonly requestId: string
  /** Whose it is, as far as the request tells, and its model. */
  readonly place: string
  /** What is charged for it: it was answered to its end. */
  readonly chargedMicroUsd: number
  /** What may be charged for it: the answer was begun. */
  readonly atRiskMicroUsd: number
}

export interface Comparison {
  /** What the books have wrong, one line each. */
  readonly faults: readonly string[]
  /** Charged for requests whose end nobody has seen. */
  readonly unseenMicroUsd: number
  readonly unseen: number
}

/**
 * Our books beside the providers': what is settled costs what was charged for that very request, and whatever else was charged, or may be,
 * is covered by the unknown amount of an attempt of its own. Each request is booked.
 *
 * @param placeOf the place of an attempt, as `Billed` has it
 */
export function compareLedger(
  calls: readonly BookedCall[],
  bills: readonly Billed[],
  placeOf: (call: BookedCall) => string,
): Comparison {
  const faults: string[] = []
  const byId = new Map(bills.map((bill) => [bill.requestId, bill]))
  const unseen = new Set(bills)
  const nameless: BookedCall[] = []

  for (const call of calls) {
    const bill = billOf(call, byId)
    const told = JSON.stringify({ call, bill })
    if (call.status === 'open') faults.push(`still open: ${told}`)
    if (bill === undefined) {
      if (call.costMicroUsd !== null && call.costMicroUsd > 0) faults.push(`nobody has charged it: ${told}`)
      nameless.push(call)
      continue
    }
    if (!unseen.delete(bill)) faults.push(`booked twice: ${told}`)
    if (bill.place !== placeOf(call)) faults.push(`booked elsewhere: ${told}`)
    if (call.costMicroUsd === null) {
      const most = Math.max(bill.chargedMicroUsd, bill.atRiskMicroUsd)
      if (call.unknownMicroUsd < most) faults.push(`more is charged than is set aside: ${told}`)
    } else if (call.costMicroUsd !== bill.chargedMicroUsd || bill.atRiskMicroUsd > 0) {
      faults.push(`another price: ${told}`)
    }
  }

  const covers = Map.groupBy(nameless, placeOf)
  for (const [place, unnamed] of Map.groupBy(unseen, ({ place }) => place)) {
    const own = covers.get(place) ?? []
    if (unnamed.length > own.length)
      faults.push(`${unnamed.length - own.length} requests not booked: ${place}`)
    const unknown = own.map(({ unknownMicroUsd }) => unknownMicroUsd).sort(descending)
    const prices = unnamed.map((bill) => Math.max(bill.chargedMicroUsd, bill.atRiskMicroUsd)).sort(descending)
    if (prices.some((price, n) => price > (unknown[n] ?? 0))) {
      faults.push(`charged ${prices}, set aside ${unknown}: ${place} ${JSON.stringify({ unnamed, own })}`)
    }
  }
  const charged = [...unseen].filter(({ chargedMicroUsd }) => chargedMicroUsd > 0)
  return {
    faults,
    unseen: charged.length,
    unseenMicroUsd: charged.reduce((sum, { chargedMicroUsd }) => sum + chargedMicroUsd, 0),
  }
}

/** The request of an attempt. An answer in the background may have been read by later requests, so that its own id names it. */
function billOf(
  { requestId, responseId }: BookedCall,
  byId: ReadonlyMap<string, Billed>,
): Billed | undefined {
  const own = requestId === null ? undefined : byId.get(requestId)
  return own ?? (responseId === null ? undefined : byId.get(responseId.replace(/^resp_/, 'req_')))
}

function descending(left: number, right: number): number {
  return right - left
}
