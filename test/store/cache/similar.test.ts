import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { findMeans, findSimilar } from '../../../src/store/cache/find-similar.ts'
import { keepAnswer } from '../../../src/store/cache/keep-answer.ts'
import { lookUpAnswer } from '../../../src/store/cache/look-up-answer.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { migrate } from '../../../src/store/database/migrate.ts'
import { overPglite } from '../../../src/store/database/pglite.ts'
import { forEachDatabase } from '../../support/database.ts'
import { assistantMessage, startRun } from '../support/samples.ts'

const DIMENSIONS = 384
const ENTRIES = 60

/** Unit vectors at growing angles to the first axis: entry `n` is the less similar the higher `n` is. */
const vectorAt = (n: number): number[] => {
  const angle = (n / ENTRIES) * (Math.PI / 2)
  return [Math.cos(angle), Math.sin(angle), ...new Array<number>(DIMENSIONS - 2).fill(0)]
}

async function keepAt(db: Database, n: number, frame = 'frame', tenant = 'acme'): Promise<void> {
  const run = await startRun(db, { tenant })
  const key = `${tenant} ${frame} ${n}`
  const call = { run, step: 1, hop: 0, provider: 'openai', model: 'm', key, exactMs: 1, similarMs: 1 }
  const owner = { tenant, agent: 'support', promptVersion: 'v1' }
  const looked = await lookUpAnswer(db, { ...call, owner, holder: run.runId })
  assert.equal(looked.standing, 'leads')
  const kept = await keepAnswer(db, {
    lead: { key, holder: run.runId },
    frame,
    ttlMs: 3_600_000,
    answer: { message: assistantMessage(`Answer ${n}.`), stop: 'end', servedBy: 'm' },
    inputTokens: 1,
    outputTokens: 1,
    costMicroUsd: null,
    question: {
      text: `Question ${n}?`,
      specifics: n % 10 === 3 ? 'others' : 'same',
      space: 'm/384',
      vector: vectorAt(n),
    },
  })
  assert.ok(kept !== null)
}

const FIND = {
  tenant: 'acme',
  frame: 'frame',
  ttlMs: 3_600_000,
  threshold: 0.98,
  specifics: 'same',
  space: 'm/384',
  vector: vectorAt(0),
}

/** Every way to compare that the database has. */
async function findEach(db: Database, changes: Partial<typeof FIND> = {}): Promise<string[]> {
  const ways = (await findMeans(db)) === 'pgvector' ? (['pgvector', 'plain'] as const) : (['plain'] as const)
  const [first, ...others] = await Promise.all(
    ways.map(async (means) => {
      const found = await findSimilar(db, { ...FIND, ...changes }, means)
      return found.map(({ question, similarity }) => `${question} ${similarity.toFixed(4)}`)
    }),
  )
  for (const other of others) assert.deepEqual(other, first, 'both ways find the same')
  return first ?? []
}

function suite(name: string, open: () => Promise<Database>, means: 'pgvector' | 'plain' | null): void {
  let db: Database
  before(async () => {
    db = await open()
    for (let n = 0; n < 20; n += 1) await keepAt(db, n)
    await keepAt(db, 0, 'another frame')
    await keepAt(db, 0, 'frame', 'rival')
  })

  test(`the search is exact, and compares what can be compared (${name})`, async () => {
    const has = await findMeans(db)
    if (means !== null) assert.equal(has, means)
    assert.deepEqual(await findEach(db), [
      'Question 0? 1.0000',
      'Question 1? 0.9997',
      'Question 2? 0.9986',
      'Question 4? 0.9945',
      'Question 5? 0.9914',
    ])
    assert.deepEqual(await findEach(db, { threshold: 0.9987 }), ['Question 0? 1.0000', 'Question 1? 0.9997'])
    assert.deepEqual(await findEach(db, { specifics: 'others' }), ['Question 3? 0.9969'])
    assert.deepEqual(await findEach(db, { frame: 'another frame' }), ['Question 0? 1.0000'])
    assert.deepEqual(await findEach(db, { tenant: 'rival' }), ['Question 0? 1.0000'])
    assert.deepEqual(await findEach(db, { space: 'm/3', vector: [1, 0, 0] }), [])
    assert.deepEqual(await findEach(db, { ttlMs: 0 }), [])
  })
}

forEachDatabase((name, open) => suite(name, open, name === 'pglite' ? 'plain' : null))

describe('on PGlite with pgvector', () => {
  suite(
    'pgvector',
    async () => {
      const database = overPglite(await PGlite.create({ extensions: { vector } }))
      await migrate(database)
      return database
    },
    'pgvector',
  )
})
