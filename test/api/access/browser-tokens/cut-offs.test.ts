import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createKeyRing } from '../../../../src/api/access/keys/key-ring.ts'
import { hashSecret, newKeyText } from '../../../../src/api/access/keys/key-text.ts'
import { API_KEYS } from '../../../../src/policies/api-keys.ts'
import { confirmApiKey, rotateApiKey } from '../../../../src/store/access/api-keys.ts'
import type { Database, Db } from '../../../../src/store/database/database.ts'
import { forEachDatabase } from '../../../support/database.ts'
import { testLogger } from '../../../support/test-runtime.ts'
import { until } from '../../../support/until.ts'
import { makeKey } from '../../support/test-keys.ts'

const MINUTE_MS = 60_000
/** How long rotations leave the old secret: not at all, or as long as where nothing is said. */
const LEFT_MS = [0, API_KEYS.oldSecretMs.usual]
/** What passes after a rotation: an old secret that was left some time is still taken, or has ended. */
const GAPS_MS = [MINUTE_MS, API_KEYS.oldSecretMs.usual + MINUTE_MS]

/** What rotations have ended of a key's tokens, by the words of the guide. Nothing is ever taken out of it. */
class KeyModel {
  private readonly cutOffs: { readonly madeUntil: number; readonly from: number }[] = []
  private oldSecretUntil = Number.NEGATIVE_INFINITY

  rotate(now: number, leftMs: number): void {
    const endsOne = this.oldSecretUntil > now
    this.oldSecretUntil = now + leftMs
    this.cutOffs.push({ madeUntil: now, from: endsOne ? now : this.oldSecretUntil })
  }

  isGood(madeAt: number, now: number): boolean {
    return this.cutOffs.every(({ madeUntil, from }) => madeAt > madeUntil || now < from)
  }
}

interface Played {
  readonly id: string
  readonly rotations: readonly Rotation[]
  readonly model: KeyModel
  /** When tokens were made, one before each rotation and one after the last, by the model's clock. */
  readonly madeAt: number[]
  now: number
}
interface Rotation {
  readonly leftMs: number
  /** How much time passes after it. */
  readonly gapMs: number
}

/** All ways to rotate a key so many times. */
function ways(times: number): readonly (readonly Rotation[])[] {
  if (times === 0) return [[]]
  const each = LEFT_MS.flatMap((leftMs) => GAPS_MS.map((gapMs) => ({ leftMs, gapMs })))
  return ways(times - 1).flatMap((before) => each.map((next) => [...before, next]))
}

/** Lets time pass for a key: what stands in its row lies further back. */
const PASS = `
  update api_keys set old_secret_until = old_secret_until - passed, rotated_at = rotated_at - passed,
    earlier_tokens_until = earlier_tokens_until - passed, tokens_since = tokens_since - passed
  from (select $2 * interval '1 millisecond') as time (passed) where id = $1`

forEachDatabase((name, open) => {
  async function pass(database: Database, key: Played, ms: number): Promise<void> {
    await database.query({ text: PASS, values: [key.id, ms] })
    // Half the time, so that no token is made at the time of a rotation.
    key.madeAt.push(key.now + ms / 2)
    key.now += ms
  }

  /** Which of the key's tokens are good, by the API and by the model. */
  async function compare(database: Database, { id, rotations, model, madeAt, now }: Played): Promise<void> {
    const ring = createKeyRing(database, testLogger)
    const clock = Date.now() - now
    const found = await Promise.all(madeAt.map((at) => ring.vouchesFor(id, clock + at)))
    const expected = madeAt.map((at) => model.isGood(at, now))
    assert.deepEqual(found, expected, JSON.stringify({ rotations, after: madeAt.length - 1 }))
  }

  it('tokens that a rotation has ended stay ended, whatever the next ones leave, in any order of three', async (context) => {
    const database = await open()
    const all = ways(3)
    let kept = 0
    for (const rotations of all) {
      const { id } = await makeKey(database)
      const key: Played = { id, rotations, model: new KeyModel(), madeAt: [], now: 0 }
      await pass(database, key, MINUTE_MS)
      for (const { leftMs, gapMs } of rotations) {
        await rotate(database, id, leftMs)
        key.model.rotate(key.now, leftMs)
        await compare(database, key)
        await pass(database, key, gapMs)
        await compare(database, key)
      }
      kept += key.madeAt.filter((madeAt) => key.model.isGood(madeAt, key.now)).length
    }
    context.diagnostic(`${all.length} orders, ${kept} tokens kept`)
    assert.ok(kept > all.length && kept < 4 * all.length)
  })

  it('nor does a rotation bring one back by a clock that is behind', async () => {
    const database = await open()
    const { id } = await makeKey(database)
    await rotate(database, id, 0)
    await database.query({ text: PASS, values: [id, -MINUTE_MS] })
    await rotate(database, id, API_KEYS.oldSecretMs.usual)
    const ring = createKeyRing(database, testLogger)
    const inMs = (ms: number) => ring.vouchesFor(id, Date.now() + ms)
    assert.deepEqual([await inMs(MINUTE_MS / 2), await inMs(2 * MINUTE_MS)], [false, true])
  })

  const races = { skip: name === 'pglite' && 'it has one connection' }

  it('no token is made with a secret that a rotation is about to end', races, async () => {
    const database = await open()
    const { id, text } = await makeKey(database)
    const caller = await createKeyRing(database, testLogger).find(text)
    const rotated = Promise.withResolvers<void>()
    const confirmed = rotated.promise.then(() => caller?.confirm())
    await database.transaction(async (tx) => {
      await rotate(tx, id, 0)
      rotated.resolve()
      await until('the maker waits', () => isWaitedFor(tx))
    })
    assert.equal(await confirmed, null)
  })

  it('a rotation ends the tokens that are made while it waits for its turn', races, async () => {
    const database = await open()
    const { id } = await makeKey(database)
    const locked = Promise.withResolvers<void>()
    const rotated = locked.promise.then(() => rotate(database, id, 0))
    const madeAt = await database.transaction(async (tx) => {
      await confirmApiKey(tx, id)
      locked.resolve()
      await until('the rotation waits', () => isWaitedFor(tx))
      const [clock] = await tx.query<{ at: string }>({ text: 'select clock_timestamp() as at' })
      return Date.parse(clock?.at ?? '')
    })
    await rotated
    assert.equal(await createKeyRing(database, testLogger).vouchesFor(id, madeAt), false)
  })

  it('two rotations at once are made one after the other', races, async () => {
    const database = await open()
    const { id } = await makeKey(database)
    const first = Promise.withResolvers<void>()
    const second = first.promise.then(() => rotate(database, id, 0))
    await database.transaction(async (tx) => {
      await rotate(tx, id, API_KEYS.oldSecretMs.usual)
      first.resolve()
      await until('the second waits', () => isWaitedFor(tx))
    })
    await second
    const ring = createKeyRing(database, testLogger)
    assert.equal(await ring.vouchesFor(id, Date.now() - MINUTE_MS), false)
  })
})

/** Whether somebody waits for the transaction to end. */
async function isWaitedFor(tx: Db): Promise<boolean> {
  const waiting = 'select from pg_locks where transactionid = pg_current_xact_id()::xid and not granted'
  return (await tx.query({ text: waiting })).length > 0
}

async function rotate(db: Db, id: string, leftMs: number): Promise<void> {
  const secretSha256 = hashSecret(newKeyText(id).secret)
  const rotated = await rotateApiKey(db, { id, secretSha256, oldValidForMs: leftMs })
  assert.ok(rotated !== null && rotated !== 'ended')
}
