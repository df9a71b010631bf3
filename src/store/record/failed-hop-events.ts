import type { FailedHop } from '../../contracts/runs/ending.ts'
import type { NewEvent } from './change-run.ts'

export function failedHopEvents(step: number, hops: readonly FailedHop[]): NewEvent[] {
  return hops.map(({ hop, model, code }) => ({ type: 'model.failed', data: { step, hop, model, code } }))
}
