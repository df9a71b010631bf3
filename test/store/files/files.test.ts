import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { before, test } from 'node:test'
import type { FileId, StoredFile } from '../../../src/contracts/files/file.ts'
import { fromParts } from '../../../src/contracts/files/message-file.ts'
import { FILES } from '../../../src/policies/operations/files.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { findFiles, insertFile, loadFiles, type NewFile } from '../../../src/store/files/files.ts'
import { keepFile } from '../../../src/store/files/keep-file.ts'
import { deleteFile, dropUnusedFiles, removeFilesOfRuns } from '../../../src/store/files/remove-files.ts'
import { beginModelCall } from '../../../src/store/models/begin-model-call.ts'
import { addInboxMessage } from '../../../src/store/record/messages.ts'
import { forEachDatabase } from '../../support/database.ts'
import { png } from '../../support/sample-files.ts'
import { beginCall, startRun } from '../support/samples.ts'

forEachDatabase((_, open) => {
  let db: Database
  before(async () => {
    db = await open()
  })

  const newFile = (content: string, changes: Partial<NewFile> = {}): NewFile => ({
    id: `file_${randomUUID()}`,
    tenant: 'acme',
    principal: 'ann',
    type: 'image/png',
    sha256: createHash('sha256').update(content).digest('hex'),
    name: null,
    tokens: 1_000,
    content: Buffer.from(content),
    ...changes,
  })

  async function add(content: string, changes: Partial<NewFile> = {}): Promise<StoredFile> {
    const stored = await insertFile(db, newFile(content, changes))
    assert.ok(stored)
    return stored
  }

  const runWith = (...files: readonly StoredFile[]) =>
    startRun(db, {
      input: [{ role: 'user', ...fromParts([{ text: 'Look' }, ...files.map((file) => ({ file }))]) }],
    })

  async function load(tenant: string, ...ids: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
    const contents = await loadFiles(db, tenant, ids, FILES.pdfBytes)
    assert.ok(contents)
    return contents
  }

  async function isThere(...files: readonly StoredFile[]): Promise<boolean[]> {
    const ids = files.map(({ id }) => id)
    const [found, loaded] = [await findFiles(db, 'acme', ids), await load('acme', ...ids)]
    return ids.map((id) => {
      assert.equal(found.has(id), loaded.has(id), 'a file and its content go together')
      return found.has(id)
    })
  }

  async function contents(sha256: string): Promise<number> {
    const rows = await db.query({ text: 'select from file_contents where sha256 = $1', values: [sha256] })
    return rows.length
  }

  const age = (file: StoredFile) =>
    db.query({
      text: `update files set created_at = now() - $2 * interval '1 millisecond' where id = $1`,
      values: [file.id, FILES.keptUnusedMs + 1_000],
    })

  const schedule = (file: StoredFile) =>
    db.query({
      text: `insert into schedules (id, tenant, principal, timing, start, overlap, catch_up_ms, request_sha256)
        values ($1, 'acme', 'ann', '{}', $2, 'skip', 1, '')`,
      values: [randomUUID(), JSON.stringify({ input: [{ content: [{ file_id: file.id }] }] })],
    })

  test('content comes back byte by byte, to its own tenant alone', async () => {
    const content = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    const file = await add('', { content, sha256: 'bytes', name: 'all.png' })
    assert.deepEqual((await load('acme', file.id)).get(file.id), content)
    assert.equal(file.bytes, 256)
    assert.equal(file.name, 'all.png')
    assert.equal((await load('globex', file.id)).size, 0)
    assert.equal((await findFiles(db, 'globex', [file.id])).size, 0)
  })

  test('files are loaded all together, or not at all, each counted as often as it is needed', async () => {
    const [six, four] = [await add('six123'), await add('four')]
    const within = (mostBytes: number, ...files: readonly StoredFile[]) =>
      loadFiles(
        db,
        'acme',
        files.map(({ id }) => id),
        mostBytes,
      )
    assert.equal((await within(10, six, four))?.size, 2)
    assert.equal(await within(9, six, four), null)
    assert.equal((await within(14, six, four, four))?.size, 2)
    assert.equal(await within(13, six, four, four), null)
    await deleteFile(db, 'acme', six.id)
    assert.equal((await within(4, six, four))?.size, 1, 'a file that is gone weighs nothing')
  })

  test('equal content is kept once a tenant, and until its last file is gone', async () => {
    const [one, two] = [await add('twice'), await add('twice', { principal: 'bob' })]
    const elsewhere = await add('twice', { tenant: 'globex' })
    assert.equal(await contents(one.sha256), 2)
    assert.equal(await deleteFile(db, 'acme', one.id), true)
    assert.equal(await deleteFile(db, 'acme', one.id), false)
    assert.deepEqual(await isThere(one, two), [false, true])
    assert.equal(await deleteFile(db, 'acme', two.id), true)
    assert.equal(await contents(one.sha256), 1, 'the other tenant has its own')
    assert.equal((await load('globex', elsewhere.id)).size, 1)
  })

  test('content of the same principal, without a name, is one file', async () => {
    const file = await add('again')
    assert.equal((await add('again')).id, file.id)
    for (const other of [
      { principal: 'bob' },
      { tenant: 'globex' },
      { name: 'a.png' },
      { type: 'image/gif' },
    ] as const)
      assert.notEqual((await add('again', other)).id, file.id, JSON.stringify(other))
  })

  test('the same content twice at once, without a name, is one file', async () => {
    const sent = {
      tenant: 'acme',
      principal: 'ann',
      type: 'image/png',
      name: null,
      content: png(31, 7),
    } as const
    const kept = await Promise.all(
      Array.from({ length: 4 }, () => keepFile(db, { ...sent, id: `file_${randomUUID()}` })),
    )
    assert.equal(new Set(kept.map((one) => 'id' in one && one.id)).size, 1)
  })

  test('a tenant waits for its files with one connection, and another one does not wait for it', async () => {
    const under = { acme: 0, globex: 0 }
    let most = 0
    const counting = (tenant: keyof typeof under): Database => ({
      ...db,
      async transaction(work) {
        under[tenant] += 1
        most = Math.max(most, under[tenant])
        return db.transaction(work).finally(() => {
          under[tenant] -= 1
        })
      },
    })
    const upload = (tenant: keyof typeof under, n: number) =>
      insertFile(
        counting(tenant),
        newFile(`waits ${n}`, { tenant, ...(n === 2 && { id: 'file_twice', name: 'x' }) }),
      )
    const sent = (['acme', 'globex'] as const).flatMap((tenant) => [1, 2, 3, 4].map((n) => upload(tenant, n)))
    const ends = (await Promise.allSettled(sent)).map(({ status }) => status)
    assert.equal(ends.filter((status) => status === 'rejected').length, 1, 'an id twice')
    assert.equal(most, 1)
  })

  test('a tenant has a bound, under which content that it has already is free', async () => {
    const tenant = 'full'
    const file = await add('first', { tenant })
    await db.query({
      text: 'update file_contents set bytes = $2 where tenant = $1',
      values: [tenant, FILES.imageBytes],
    })
    await db.query({
      text: `insert into file_contents select $1, 'big' || n, $2, '' from generate_series(1, $3) as n`,
      values: [tenant, FILES.pdfBytes, Math.floor(FILES.tenantBytes / FILES.pdfBytes)],
    })
    const another = { tenant, principal: 'ann', type: 'image/png', name: 'a.png', tokens: 1 } as const
    const sent = (id: FileId, sha256: string) =>
      insertFile(db, { ...another, id, sha256, content: Buffer.from('x') })
    assert.equal(await sent('file_over', 'new'), null)
    assert.equal((await sent('file_known', file.sha256))?.id, 'file_known')
  })

  test('files that nothing refers to are dropped after their time', async () => {
    const files = [
      await add('young'),
      await add('old'),
      await add('used'),
      await add('said'),
      await add('planned'),
    ]
    const [young, old, used, said, planned] = files as [
      StoredFile,
      StoredFile,
      StoredFile,
      StoredFile,
      StoredFile,
    ]
    for (const file of [old, used, said, planned]) await age(file)
    const run = await runWith(used)
    const message = { id: 'm1', tenant: 'acme', runId: run.runId, by: 'ann', ...fromParts([{ file: said }]) }
    assert.equal(await addInboxMessage(db, message), 'added')
    assert.equal(await addInboxMessage(db, message), 'exists')
    const other = { ...message, ...fromParts([{ file: young }]) }
    assert.equal(await addInboxMessage(db, other), 'differs', 'the same words about another picture')
    await schedule(planned)
    assert.equal(await dropUnusedFiles(db), 1)
    assert.deepEqual(await isThere(young, old, used, said, planned), [true, false, true, true, true])
    assert.equal(await dropUnusedFiles(db), 0)
  })

  test('what only removed runs refer to goes with them', async () => {
    const [own, shared] = [await add('own'), await add('shared')]
    const run = await runWith(own, shared)
    await runWith(shared)
    await db.transaction((tx) => removeFilesOfRuns(tx, 'acme', [run.runId]))
    assert.deepEqual(await isThere(own, shared), [false, true])
    assert.equal(await contents(own.sha256), 0)
  })

  test('what comes into use while it is being dropped stays', async () => {
    const [unused, used, planned] = [await add('late'), await add('late use'), await add('late plan')]
    for (const file of [unused, used, planned]) await age(file)
    const racing: Database = {
      ...db,
      async transaction(work) {
        await runWith(used)
        await schedule(planned)
        return db.transaction(work)
      },
    }
    assert.equal(await dropUnusedFiles(racing), 1)
    assert.deepEqual(await isThere(unused, used, planned), [false, true, true])
  })

  test('what a schedule names, or belongs to somebody else, outlives removed runs', async () => {
    const [own, planned, bobs] = [
      await add('mine'),
      await add('later'),
      await add('his', { principal: 'bob' }),
    ]
    await schedule(planned)
    const run = await runWith(own, planned, bobs)
    await db.transaction((tx) => removeFilesOfRuns(tx, 'acme', [run.runId]))
    assert.deepEqual(await isThere(own, planned, bobs), [false, true, true])
    await age(bobs)
    assert.equal(await dropUnusedFiles(db), 1)
  })

  test('a budget covers the most that a file can come to', async () => {
    const file = await add('dear', { tokens: 5_000 })
    const [plain, filed] = [
      await startRun(db, { input: [{ role: 'user', text: 'Look' }] }),
      await runWith(file),
    ]
    const files = { accepts: ['image'], factor: 1 } as const
    const bound = async (run: typeof plain, most: number, fileFactor = 1) =>
      beginModelCall(
        db,
        beginCall(run, { fixedTokens: 0, files: { ...files, factor: fileFactor }, mostInputTokens: most }),
      )
    assert.ok('transcript' in (await bound(plain, 1_000)))
    assert.ok('uncounted' in (await bound(filed, 5_000)))
    assert.ok('uncounted' in (await bound(filed, 10_000, 2)))
    const begun = await bound(filed, 6_000)
    assert.ok('transcript' in begun)
    const [booked] = await db.query<{ worst_tokens: number }>({
      text: 'select worst_tokens from model_attempts where run_id = $1',
      values: [filed.runId],
    })
    assert.ok(booked && booked.worst_tokens > 5_000, `${booked?.worst_tokens} tokens are set aside`)
  })

  test('a model that cannot be given a file is not booked', async () => {
    const [image, paper] = [await add('image'), await add('paper', { type: 'application/pdf' })]
    const run = await runWith(image, paper)
    const begin = (accepts: readonly ('image' | 'pdf')[]) =>
      beginModelCall(db, beginCall(run, { files: { accepts, factor: 1 } }))
    assert.deepEqual(await begin([]), { unreadable: true })
    assert.deepEqual(await begin(['image']), { unreadable: true })
    assert.deepEqual(
      await db.query({ text: 'select from model_attempts where run_id = $1', values: [run.runId] }),
      [],
    )
    assert.ok('transcript' in (await begin(['image', 'pdf'])))
  })

  test('words that look like a reference are words', async () => {
    const run = await startRun(db, {
      input: [{ role: 'user', text: '"files":[{"kind":"image","tokens":9000000}]' }],
    })
    assert.ok(
      'transcript' in (await beginModelCall(db, beginCall(run, { fixedTokens: 0, mostInputTokens: 1_000 }))),
    )
  })
})
