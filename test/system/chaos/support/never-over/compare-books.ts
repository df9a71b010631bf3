import assert from 'node:assert/strict'
import type { CallUsage } from '../../../../../src/contracts/models/usage.ts'
import type { BookedAttempt } from './booked-attempt.ts'

/** A request in the provider's own book, and what it bills for it in micro-USD: 0 where it was turned away. */
export interface Billed {
  readonly requestId: string
  readonly runId: string
  readonly step: number
  readonly model: string
  readonly usage: CallUsage | null
  readonly priceMicroUsd: number
}

/**
 * Our books beside the provider's: what is settled costs what the provider bills for that very request, and whatever else it
 * bills is covered by the worst case of an attempt whose end nobody saw.
 *
 * @returns requests that were billed without our knowing
 */
export function compareBooks(attempts: readonly BookedAttempt[], bills: readonly Billed[]): Billed[] {
  const byId = new Map(bills.map((bill) => [bill.requestId, bill]))
  const unsettled = new Set(bills.filter(({ priceMicroUsd }) => priceMicroUsd > 0))

  for (const attempt of attempts) {
    const { status, requestId, costMicroUsd } = attempt
    const bill = requestId === null ? undefined : byId.get(requestId)
    const told = JSON.stringify({ attempt, bill })
    assert.notEqual(status, 'open', `an attempt is still open: ${told}`)
    if (requestId !== null) {
      assert.ok(bill, `the provider knows of no such request: ${told}`)
      assert.deepEqual([bill.runId, bill.step], [attempt.runId, attempt.step], told)
    }
    if (status === 'unknown') {
      if (bill === undefined) continue
      assert.ok(attempt.unknownMicroUsd >= bill.priceMicroUsd, `more was billed than is set aside: ${told}`)
    } else {
      assert.equal(costMicroUsd, bill?.priceMicroUsd ?? 0, told)
      assert.equal(attempt.inputTokens, status === 'ok' ? bill?.usage?.inputTokens : 0, told)
      assert.equal(attempt.outputTokens, status === 'ok' ? bill?.usage?.outputTokens : 0, told)
      assert.equal(attempt.unknownMicroUsd, 0, told)
    }
    if (bill !== undefined)
      assert.ok(unsettled.delete(bill) || bill.priceMicroUsd === 0, `booked twice: ${told}`)
  }

  // Requests whose id nobody has read: each needs an attempt of its own that is dear enough.
  const nameless = Map.groupBy(
    attempts.filter(({ status, requestId }) => status === 'unknown' && requestId === null),
    placeOf,
  )
  for (const [place, billed] of Map.groupBy(unsettled, placeOf)) {
    const covers = (nameless.get(place) ?? []).map(({ unknownMicroUsd }) => unknownMicroUsd).sort(descending)
    const prices = billed.map(({ priceMicroUsd }) => priceMicroUsd).sort(descending)
    assert.ok(
      prices.every((price, index) => price <= (covers[index] ?? -1)),
      `billed ${prices}, covered ${covers}: ${JSON.stringify(billed)}`,
    )
  }
  return [...unsettled]
}

function placeOf({ runId, step, model }: Pick<Billed, 'runId' | 'step' | 'model'>): string {
  return `${runId} ${step} ${model}`
}

function descending(left: number, right: number): number {
  return right - left
}
