import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Database } from '../../../src/store/database/database.ts'
import {
  findPauses,
  PAUSE_CHANNEL,
  type ProviderPause,
  parsePause,
  recordPause,
} from '../../../src/store/traffic/pauses.ts'
import { forEachDatabase } from '../../support/database.ts'

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  test('a pause reaches everybody who listens, and whoever comes later finds it', async () => {
    const heard = Promise.withResolvers<string>()
    const stop = await db.listen(PAUSE_CHANNEL, heard.resolve)
    await recordPause(db, { provider: 'openai', model: 'org/gpt "test"', forMs: 60_000.4 })
    assert.deepEqual(parsePause(await heard.promise), {
      provider: 'openai',
      model: 'org/gpt "test"',
      forMs: 60_001,
    })
    await stop()
    const [found] = await findPauses(db)
    assert.ok(found !== undefined && found.forMs > 50_000 && found.forMs <= 60_001)
  })

  test('the longer of two counts, and one that is over is not found', async () => {
    const pause = (forMs: number): ProviderPause => ({ provider: 'anthropic', model: 'claude', forMs })
    const find = async () => (await findPauses(db)).find(({ provider }) => provider === 'anthropic')
    await recordPause(db, pause(60_000))
    await recordPause(db, pause(10))
    assert.ok(((await find())?.forMs ?? 0) > 50_000)
    await db.query({
      text: `update provider_pauses set until = clock_timestamp() where provider = 'anthropic'`,
    })
    assert.equal(await find(), undefined)
  })
})

test('a payload that is not ours is passed over', () => {
  for (const payload of ['', '{}', '[]', '["openai", "gpt"]', '["openai", "gpt", "1"]', '[1, "gpt", 1]'])
    assert.equal(parsePause(payload), null)
})
