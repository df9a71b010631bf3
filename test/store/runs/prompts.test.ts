import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Database } from '../../../src/store/database/database.ts'
import { findStoredPrompt, promptHash, storePrompts } from '../../../src/store/runs/prompts.ts'
import { forEachDatabase } from '../../support/database.ts'

const prompt = (text: string) => ({ hash: promptHash(text), name: 'support', version: 'v9', text })

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  test('a prompt is found by the hash of its text, however often it was stored', async () => {
    const first = prompt('You help.')
    const second = prompt('You help – kindly. 🙂')
    await storePrompts(db, [first, second, first])
    await storePrompts(db, [second])
    assert.equal(await findStoredPrompt(db, first.hash), first.text)
    assert.equal(await findStoredPrompt(db, second.hash), second.text)
    assert.equal(await findStoredPrompt(db, promptHash('never stored')), null)
  })

  test('what is stored already is not asked for again', async () => {
    let statements = 0
    const counting: Pick<Database, 'query'> = {
      query: (statement) => {
        statements += 1
        return db.query(statement)
      },
    }
    await storePrompts(counting, [prompt('Once.')])
    await storePrompts(counting, [prompt('Once.')])
    assert.equal(statements, 1)
  })
})
