import { DEPLOYS } from '../../policies/operations/deploys.ts'
import type { GateResult } from './replay-gate.ts'

/** What the replay gate has found, for a terminal: the runs that do not replay, and why. */
export function gateText({ replayed, failures }: GateResult): string {
  const shown = failures
    .slice(0, DEPLOYS.listedFailures)
    .map(({ name, problem }) => `  FAIL  ${name}\n        ${problem}`)
  const more = failures.length - shown.length
  return [
    `${replayed} ${replayed === 1 ? 'history' : 'histories'} replayed, ${failures.length} failed.`,
    ...shown,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n')
}
