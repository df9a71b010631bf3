import assert from 'node:assert/strict'
import { test } from 'node:test'
import { importsOf, sourceFiles } from '../architecture/source-files.ts'

test('the client imports its own files alone, so that it runs wherever fetch does', async () => {
  const foreign: string[] = []
  for (const file of await sourceFiles('src/client')) {
    for (const { target } of await importsOf(file))
      if (!target.startsWith('src/client/')) foreign.push(`${file} → ${target}`)
  }
  assert.deepEqual(foreign, [])
})
