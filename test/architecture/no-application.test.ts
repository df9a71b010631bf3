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
  'test/local/stack-metrics.test.ts': '`npm start` runs the demonstration, whose page is read',
  'test/support/stack-process.ts': '`npm start` runs the demonstration',
  'test/system/front-end/chat.test.ts':
    'the guide of front ends is examples/chat, which is opened in a browser',
  'test/cli/demo.test.ts': '`npm run demo` plays the demonstration',
}

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
    if ((await readFile(file, 'utf8')).includes('examples/')) naming.push(file)
  }
  assert.deepEqual(naming.sort(), Object.keys(ABOUT_EXAMPLES).sort())
})

/** What a user's project has of the product. */
const DOORS = ['holdfast', 'holdfast/client', 'holdfast/node', 'holdfast/testing']

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
