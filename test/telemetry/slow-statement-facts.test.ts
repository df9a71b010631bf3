import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectionFailed } from '../../src/store/database/outage.ts'
import { inActivity, inCall, outsideActivities } from '../../src/telemetry/activity-scope.ts'
import type { Fact } from '../../src/telemetry/facts.ts'
import { slowStatementFacts } from '../../src/telemetry/slow-statement-facts.ts'
import { createTelemetry } from '../../src/telemetry/telemetry.ts'
import { FACT_RUN } from './metrics/support/facts.ts'

const TOOK = { startedAtMs: 1_000, durationMs: 300, waitedMs: 5 }
const SCOPE = { run: FACT_RUN, activity: 'runTool', step: 2 } as const

function tell(work: (listener: ReturnType<typeof slowStatementFacts>) => void): Fact[] {
  const told: Fact[] = []
  work(slowStatementFacts(createTelemetry([{ take: (fact) => void told.push(fact) }])))
  return told
}

test('a slow statement is told with the activity and the call that it was sent for', () => {
  const facts = tell((listener) => {
    listener({ name: 'a', ...TOOK })
    inCall('0'.repeat(16), () => listener({ name: 'b', ...TOOK }))
    inActivity(SCOPE, () => {
      listener({ name: 'c', ...TOOK })
      inCall('f'.repeat(16), () => listener({ name: 'd', ...TOOK }))
      outsideActivities(() => listener({ name: 'e', ...TOOK }))
    })
  })
  const fact = { type: 'statement.slow', ...TOOK }
  assert.deepEqual(facts, [
    { ...fact, statement: 'a' },
    { ...fact, statement: 'b' },
    { ...fact, statement: 'c', by: SCOPE },
    { ...fact, statement: 'd', by: { ...SCOPE, spanId: 'f'.repeat(16) } },
    { ...fact, statement: 'e' },
  ])
})

test('a name that could be data is none, and of an error only the code is told', () => {
  const facts = tell((listener) => {
    listener(TOOK)
    listener({ name: 'the heron stands', ...TOOK, error: connectionFailed(new Error('the heron stands')) })
    listener({ name: 'x'.repeat(65), ...TOOK, error: new Error('the heron stands') })
  })
  assert.deepEqual(
    facts.map((fact) => fact.type === 'statement.slow' && [fact.statement, fact.code]),
    [
      ['unnamed', undefined],
      ['unnamed', 'store_unavailable'],
      ['unnamed', 'internal'],
    ],
  )
  assert.doesNotMatch(JSON.stringify(facts), /heron/)
})
