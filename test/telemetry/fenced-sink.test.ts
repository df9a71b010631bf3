import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import type { Fact } from '../../src/telemetry/facts.ts'
import { openTelemetry } from '../../src/telemetry/open-telemetry.ts'

test('a sink that throws stops neither the work nor the other sinks, and has one line for a type of fact', async () => {
  const lines: { msg: string; fact: string }[] = []
  const told: Fact[] = []
  await using opened = await openTelemetry({
    traces: null,
    secrets: [],
    sinks: [
      {
        take() {
          throw new Error('broken')
        },
      },
      { take: (fact) => void told.push(fact) },
    ],
    logger: pino({}, { write: (line) => void lines.push(JSON.parse(line)) }),
    instance: 'one',
    database: () => assert.fail('the store is not asked'),
  })
  const { telemetry } = opened
  telemetry.record({ type: 'outage.began', of: 'store' })
  telemetry.record({ type: 'outage.began', of: 'temporal' })
  telemetry.record({ type: 'outage.ended', of: 'store', awayMs: 1 })
  assert.deepEqual(
    told.map(({ type }) => type),
    ['outage.began', 'outage.began', 'outage.ended'],
  )
  assert.deepEqual(
    lines.map(({ msg, fact }) => [msg, fact]),
    [
      ['a fact could not be told', 'outage.began'],
      ['a fact could not be told', 'outage.ended'],
    ],
  )
})
