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

/** What a user's project has of the product. */
const DOORS = ['holdfast', 'holdfast/node', 'holdfast/testing']

/** Whether a file of an example, tests included, may import this: the product by its doors, packages, and its own example's files. */
function mayImport(file: string, target: string): boolean {
  const [own = ''] = /^examples\/[^/]+\//.exec(file) ?? []
  if (target.startsWith(own)) return true
  if (target.split('/')[0] === 'holdfast') return DOORS.includes(target)
  return !/^(\.|src\/|test\/|examples\/|templates\/|scripts\/)/.test(target)
}

test('an example, with its tests, imports the product as a user does: by its name', async () => {
  const wrong: string[] = []
  for (const file of await sourceFiles('examples')) {
    for (const { target } of await importsOf(file)) {
      if (!mayImport(file, target)) wrong.push(`${file} → ${target}`)
    }
  }
  assert.deepEqual(wrong, [])
})

test('the rule notices what an example must not import', () => {
  const file = 'examples/shop/test/story.test.ts'
  for (const target of [
    'src/index.ts',
    'test/support/office.ts',
    'examples/hello/app.ts',
    'holdfast/src/x.ts',
  ]) {
    assert.ok(!mayImport(file, target), target)
  }
  for (const target of ['holdfast', 'holdfast/testing', 'zod', 'node:test', 'examples/shop/app.ts']) {
    assert.ok(mayImport(file, target), target)
  }
})
