import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { sourceFiles } from './source-files.ts'

const MOST_LINES = 300
/** Files of data, which are as long as what they list. */
const DATA = /^src\/contracts\/error-codes\.ts$/

test('no source file is over 300 lines', async () => {
  const long: string[] = []
  for (const file of await sourceFiles('src')) {
    const lines = (await readFile(file, 'utf8')).split('\n').length
    if (lines > MOST_LINES && !DATA.test(file)) long.push(`${file}: ${lines}`)
  }
  assert.deepEqual(long, [])
})

test('only the configuration reads the environment', async () => {
  const readers: string[] = []
  for (const file of await sourceFiles('src')) {
    const text = await readFile(file, 'utf8')
    if (/process\.env\b/.test(text) && !/^src\/config\.ts$/.test(file)) readers.push(file)
    assert.ok(!/NODE_ENV/.test(text), `${file} looks at NODE_ENV`)
  }
  assert.deepEqual(readers, [])
})
