import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { importsOf, sourceFiles } from './source-files.ts'

/** Words of the demonstration that no file of the product has a use for. */
const WORDS = /\bshops?\b|larkmoor|refund|\bL-\d{5}\b/i

test('no file of the product imports an application', async () => {
  const wrong: string[] = []
  for (const file of await sourceFiles('src')) {
    for (const { target } of await importsOf(file)) {
      if (target.startsWith('examples/') || target.startsWith('holdfast')) wrong.push(`${file} → ${target}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('no file of the product has a word of the demonstration', async () => {
  const wrong: string[] = []
  for (const file of await sourceFiles('src')) {
    const found = WORDS.exec(await readFile(file, 'utf8'))
    if (found !== null) wrong.push(`${file}: ${found[0]}`)
  }
  assert.deepEqual(wrong, [])
})

test('the demonstration imports the product by its name alone', async () => {
  const wrong: string[] = []
  for (const file of await sourceFiles('examples')) {
    // Its tests stand on the supports of the product's own.
    if (/\/test\//.test(file)) continue
    for (const { target } of await importsOf(file)) {
      if (target.startsWith('src/') || target.startsWith('test/')) wrong.push(`${file} → ${target}`)
    }
  }
  assert.deepEqual(wrong, [])
})
