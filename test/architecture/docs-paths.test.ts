import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { posix } from 'node:path'
import { test } from 'node:test'

const documents: string[] = []
for await (const file of glob(['*.md', 'docs/**/*.md'])) documents.push(file.replaceAll('\\', '/'))

/** What stands in backquotes and is a file or folder of ours, from the top. */
const PATH = /`((?:src|test|docs|examples)\/[\w./-]*)`/g
/** Where a link leads within this repository, without the heading. */
const LINK = /\]\((?!https?:)([^)#\s]+)/g

const wanting = (document: string, paths: Iterable<string>): string[] =>
  [...paths].filter((path) => !existsSync(path)).map((path) => `${document}: ${path}`)

test('every file and folder that the documents name is there', () => {
  const paths = documents.flatMap((document) =>
    [...readFileSync(document, 'utf8').matchAll(PATH)].map(([, path = '']) => ({ document, path })),
  )
  assert.ok(paths.length > 50, `the documents name ${paths.length} paths`)
  assert.deepEqual(
    paths.flatMap(({ document, path }) => wanting(document, [path])),
    [],
  )
})

test('every link of the documents leads to a file that is there', () => {
  const links = documents.flatMap((document) =>
    [...readFileSync(document, 'utf8').matchAll(LINK)].map(([, path = '']) => ({
      document,
      path: posix.join(posix.dirname(document), path),
    })),
  )
  assert.ok(links.length > 30, `the documents have ${links.length} links`)
  assert.deepEqual(
    links.flatMap(({ document, path }) => wanting(document, [path])),
    [],
  )
})

test('the code on the first screen of the README is the application in examples/hello', () => {
  const [, code] = /```ts\n(.*?)```/s.exec(readFileSync('README.md', 'utf8')) ?? []
  assert.equal(code, readFileSync('examples/hello/app.ts', 'utf8'))
})
