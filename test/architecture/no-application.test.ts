import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { importsOf, sourceFiles } from './source-files.ts'

/** Tests, and what they stand on, that name an example: an example is their subject. Nothing else of the product's tests knows one. */
const ABOUT_EXAMPLES: Readonly<Record<string, string>> = {
  'test/run.ts': 'runs the tests of the examples, too',
  'test/architecture/docs-paths.test.ts': 'the README shows examples/hello',
  'test/architecture/no-application.test.ts': 'holds this list',
  'test/local/stack.test.ts': '`npm start` runs the demonstration',
  'test/support/stack-process.ts': '`npm start` runs the demonstration',
  'test/cli/demo.test.ts': '`npm run demo` plays the demonstration',
}

/** Still on the demonstration, until they have an application of their own or have moved beside it. */
const MOVING: readonly string[] = [
  'test/bench/systems.ts',
  'test/chaos/support/worker-process.ts',
  'test/runs/story.test.ts',
  'test/runs/support/play-story.ts',
  'test/support/environment.ts',
  'test/support/shop.ts',
  'test/time/support/deployment.ts',
]

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

test('a test names an example only where the example is its subject', async () => {
  const naming: string[] = []
  for (const file of await sourceFiles('test')) {
    if (MOVING.includes(file)) continue
    if ((await readFile(file, 'utf8')).includes('examples/')) naming.push(file)
  }
  assert.deepEqual(naming.sort(), Object.keys(ABOUT_EXAMPLES).sort())
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
