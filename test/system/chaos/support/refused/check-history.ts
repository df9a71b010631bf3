import assert from 'node:assert/strict'
import { canonicalSha256 } from '../../../../../src/security/canonical-sha256.ts'
import { verdictsOn } from './check-calls.ts'
import type { PlayedRun } from './played-run.ts'
import type { HistoryFact } from './read-history.ts'
import type { RunRecord } from './record.ts'

/**
 * What must hold of a run's calls by Temporal's own history, whether they came to anything or not: none was begun that was
 * denied, or before a decision that let it go ahead was recorded, or with other arguments than that decision was about.
 */
export function checkHistory(run: PlayedRun, record: RunRecord, facts: readonly HistoryFact[]): void {
  const agreed = new Map<string, string | null>()
  for (const fact of facts) {
    if (fact.type === 'agreed') {
      agreed.set(fact.approvalId, fact.editedSha256)
      continue
    }
    const { tool, step, index, again, argumentsSha256 } = fact
    const call = run.wild.steps[step - 1]?.[index]
    const what = `${tool} ${step}/${index}/${again}`
    assert.ok(call, `${what} was begun and no model asked for it`)
    assert.equal(tool, call.tool)
    const approvalIn = (round: number) => `apr_${run.runId.slice('run_'.length)}_${step}_${index}_${round}`
    const asked = record.approvals.find(({ id }) => id === approvalIn(0))
    if (asked === undefined) {
      assert.ok(
        verdictsOn(run, record, call, step).includes('allow'),
        `${what} was begun and nobody was asked`,
      )
    } else {
      assert.ok(agreed.has(asked.id), `${what} was begun before anybody had let it go ahead`)
    }
    const edited = asked && agreed.get(asked.id)
    assert.equal(
      argumentsSha256,
      edited ?? canonicalSha256(call.arguments),
      `${what} was begun with other arguments`,
    )
    if (again > 0) assert.ok(agreed.has(approvalIn(again)), `${what} was begun again and nobody had said so`)
  }
}
