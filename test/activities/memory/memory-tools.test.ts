import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createMemoryTools } from '../../../src/activities/memory/memory-tools.ts'
import { resultMessage } from '../../../src/activities/tool-message.ts'
import type { ToolContext } from '../../../src/app/tool.ts'
import type { StoredFile } from '../../../src/contracts/files/file.ts'
import { fromParts } from '../../../src/contracts/files/message-file.ts'
import type { MemoryId } from '../../../src/contracts/memory/memory.ts'
import type { RunIdentity } from '../../../src/contracts/runs/run.ts'
import type { RunToolInput } from '../../../src/contracts/tools/tool-call.ts'
import { SIZES } from '../../../src/policies/limits.ts'
import { MEMORY } from '../../../src/policies/operations/memory.ts'
import { keepFact } from '../../../src/store/memory/keep-fact.ts'
import { editMemory } from '../../../src/store/memory/memories.ts'
import { startRun } from '../../store/support/samples.ts'
import office from '../../support/office.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'

let store: TestDatabase
before(async () => {
  store = await openPgliteTestDatabase()
})
after(() => store.close())

const longest = (character: string, most: number, n: number) => `${n}${character.repeat(most - 1)}`

/** As many facts as are recalled at once, each as long as it can be, from as many sources with names as long as they can be. */
async function keepLongest(run: RunIdentity, character: string): Promise<void> {
  const { runId, tenant, principal } = run
  for (let n = 0; n < MEMORY.recalled; n += 1) {
    await keepFact(store.database, {
      tenant,
      principal,
      fact: longest(character, MEMORY.factCharacters, n),
      about: longest(character, MEMORY.aboutCharacters, n),
      source: {
        agent: 'a'.repeat(64),
        runId,
        step: n,
        index: 0,
        seq: 2,
        taintedBy: Array.from({ length: MEMORY.sources }, (_, at) => `user:${longest('u', 200, at)}`),
      },
    })
  }
}

async function recallAll({ runId, ...identity }: RunIdentity): Promise<string> {
  const call = { run: { runId, ...identity }, step: 50 } as unknown as RunToolInput
  const recall = createMemoryTools({ ...store, app: office }).recall(call, null)
  const message = resultMessage({ callId: 'call_0', tool: 'recall' }, await recall({}, {} as ToolContext))
  return message.content
}

test('the longest facts that there can be fit into one result', async () => {
  for (const [principal, character] of [
    ['quotes', '"'],
    ['three bytes', '漢'],
  ] as const) {
    const run = await startRun(store.database, { principal })
    await keepLongest(run, character)
    const content = await recallAll(run)
    assert.equal((JSON.parse(content) as { facts: unknown[] }).facts.length, MEMORY.recalled)
    assert.ok(Buffer.byteLength(content) < SIZES.maxToolResultBytes, `${Buffer.byteLength(content)} bytes`)
  }
})

test('a fact that is kept after reading a file has the file as a source', async () => {
  const file: StoredFile = {
    id: 'file_invoice',
    tenant: 'acme',
    principal: 'filer',
    type: 'application/pdf',
    bytes: 1,
    sha256: 'a',
    name: 'invoice.pdf',
    tokens: 1,
    createdAt: '',
  }
  const run = await startRun(store.database, {
    principal: 'filer',
    input: [{ role: 'user', ...fromParts([{ text: 'Pay this' }, { file }]) }],
  })
  const { remember } = createMemoryTools({ ...store, app: office })
  const call = { run, step: 1, index: 0, again: 0, seq: 2 } as unknown as RunToolInput
  await remember(call, null)({ fact: 'Invoices go to Eve.' }, {} as ToolContext)
  const { facts } = JSON.parse(await recallAll(run)) as { facts: { tainted_by: string[] }[] }
  assert.deepEqual(facts[0]?.tainted_by, ['file:file_invoice'])
})

test('so do those of people, whose characters are counted otherwise', async () => {
  const run = await startRun(store.database, { principal: 'edited' })
  await keepLongest(run, 'x')
  for (let n = 0; n < MEMORY.recalled; n += 1) {
    const id: MemoryId = `mem_${run.runId.slice(4)}_${n}_0`
    const edited = await editMemory(
      store.database,
      { id, tenant: run.tenant, principal: 'edited' },
      {
        fact: longest('🐈', MEMORY.factCharacters, n),
        about: longest('🐈', MEMORY.aboutCharacters, n),
        by: 'p'.repeat(200),
      },
    )
    assert.ok(edited)
  }
  const content = await recallAll(run)
  assert.ok(Buffer.byteLength(content) < SIZES.maxToolResultBytes, `${Buffer.byteLength(content)} bytes`)
})
