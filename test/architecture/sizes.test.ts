import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { sourceFiles } from './source-files.ts'

const MOST_LINES = 300
const MOST_FILES = 25
/** Files of data, which are as long as what they list, and what a program writes. */
const DATA = /^src\/(contracts\/error-codes|client\/generated)\.ts$/

test('no source file is over 300 lines', async () => {
  const long: string[] = []
  for (const file of await sourceFiles('src')) {
    const lines = (await readFile(file, 'utf8')).split('\n').length
    if (lines > MOST_LINES && !DATA.test(file)) long.push(`${file}: ${lines}`)
  }
  assert.deepEqual(long, [])
})

test('no folder holds over 25 files of its own', async () => {
  const files = new Map<string, number>()
  for (const file of await sourceFiles('src')) files.set(dirname(file), (files.get(dirname(file)) ?? 0) + 1)
  assert.deepEqual(
    [...files].filter(([, count]) => count > MOST_FILES),
    [],
  )
})

test('only the configuration reads the environment', async () => {
  const readers: string[] = []
  for (const file of await sourceFiles('src')) {
    const text = await readFile(file, 'utf8')
    if (/process\.env\b/.test(text) && !/^src\/config\/config\.ts$/.test(file)) readers.push(file)
    assert.ok(!/NODE_ENV/.test(text), `${file} looks at NODE_ENV`)
  }
  assert.deepEqual(readers, [])
})
