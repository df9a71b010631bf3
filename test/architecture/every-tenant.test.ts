import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { sourceFiles } from './source-files.ts'

/** Who asks the store about all tenants where a tenant's request or run could be asked for, and why. */
const ASKS_FOR_ALL: Readonly<Record<string, string>> = {
  'src/api/tenants/tenants.route.ts': 'for operators',
  'src/api/tenants/tenant-keys.route.ts': 'for operators',
  'src/api/traffic/queue.route.ts': 'the queue of the installation, with metrics:read',
  'src/activities/tools/look-up-call.ts': "the application's own tables",
  'src/activities/tools/make-tool-call.ts': "the application's own tables",
}

test('a route or an activity steps outside of its tenant only where that is its subject', async () => {
  const saying: string[] = []
  for (const file of [...(await sourceFiles('src/api')), ...(await sourceFiles('src/activities'))]) {
    if (/\beveryTenant\b/.test(await readFile(file, 'utf8'))) saying.push(file)
  }
  assert.deepEqual(saying.toSorted(), Object.keys(ASKS_FOR_ALL).toSorted())
})
