import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Database } from '../../../src/store/database/database.ts'
import {
  findPauses,
  liftPause,
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
    assert.ok(Math.abs(Date.parse(found.until) - Date.now() - found.forMs) < 10_000)
  })

  test('a pause that is lifted is gone, others stay, and everybody who listens hears of it', async () => {
    const models = ['lifted "one"', 'kept']
    for (const model of models) await recordPause(db, { provider: 'xai', model, forMs: 60_000 })
    const heard: string[] = []
    const last = Promise.withResolvers<void>()
    const stop = await db.listen(PAUSE_CHANNEL, (payload) => {
      if (heard.push(payload) === 2) last.resolve()
    })
    await liftPause(db, { provider: 'xai', model: 'lifted "one"' })
    await liftPause(db, { provider: 'xai', model: 'never known here' })
    await last.promise
    await stop()
    assert.deepEqual(heard.map(parsePause), [
      { provider: 'xai', model: 'lifted "one"', forMs: null },
      { provider: 'xai', model: 'never known here', forMs: null },
    ])
    const found = (await findPauses(db)).filter(({ provider }) => provider === 'xai')
    assert.deepEqual(
      found.map(({ model }) => model),
      ['kept'],
    )
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
