import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pino from 'pino'
import { BODY_BOUNDS, HTTP } from '../../../src/policies/api.ts'
import { FILES } from '../../../src/policies/operations/files.ts'
import { migrate } from '../../../src/store/database/migrate.ts'
import { openPostgres } from '../../../src/store/database/postgres.ts'
import office from '../../support/office.ts'
import { createEmptyDatabase } from '../../support/postgres-database.ts'
import { pdf } from '../../support/sample-files.ts'
import { startWatchedApi, type WatchedApi } from './support/start-watched-api.ts'

/*
 * A body may hold up the event loop for no longer than this, whatever it is, taken or refused: processor time of the API's thread.
 */
const MOST_MS = 50

let drop: () => Promise<void>
let api: WatchedApi

before(async () => {
  const empty = await createEmptyDatabase()
  drop = empty.drop
  const database = openPostgres({ url: empty.url, logger: pino({ level: 'silent' }) })
  await migrate(database, office)
  await database.close()
  api = await startWatchedApi(empty.url)
  for (let request = 0; request < 50; request += 1) {
    await start(JSON.stringify({ agent: 'assistant', input: 'Hello.', metadata: { '': '' } }))
  }
})
after(async () => {
  await api.close()
  await drop()
})

async function start(body: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(`${api.url}/v1/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  return { status: answer.status, text: await answer.text() }
}

const members = (count: number) => Array.from({ length: count }, (_, n) => `"key-${n}":"v"`).join()
const startWith = (rest: string) => `{"agent":"assistant","input":"Hello.",${rest}}`
const withPart = (part: string) => `{"agent":"assistant","input":[{"role":"user","content":[${part}]}]}`
const file = (data: string) => withPart(`{"type":"image","content_type":"image/png","data":"${data}"}`)
const most = BODY_BOUNDS.values - 10
const mostMembers = BODY_BOUNDS.objectMembers - 10
const largest = HTTP.bodyBytes.input - 1_000

const REFUSED: readonly (readonly [what: string, status: 400 | 413, body: string])[] = [
  ['700,000 entries of metadata', 400, startWith(`"metadata":{${members(700_000)}}`)],
  ['as many unknown members', 400, startWith(members(700_000))],
  ['as many entries of metadata as a body may have', 400, startWith(`"metadata":{${members(mostMembers)}}`)],
  ['as many unknown members as a body may have', 400, startWith(members(mostMembers))],
  [
    'as many unknown members in all as a body may have',
    400,
    `{"agent":"assistant","input":[${Array.from({ length: 100 }, () => `{"role":"user","content":"a",${members(310)}}`).join()}]}`,
  ],
  ['as many messages as a body may have', 400, `{"agent":"assistant","input":[${'1,'.repeat(most)}1]}`],
  ['many parts that are none', 400, withPart(`${'{},'.repeat(most / 2 - 10)}{}`)],
  ['12 MB of entries', 400, `[${'1,'.repeat(largest / 2)}1]`],
  ['12 MB of text', 413, startWith(`"metadata":{"data":"${'a'.repeat(largest)}"}`)],
  ['2 MiB of emoji', 400, `{"agent":"assistant","input":"${'😀'.repeat(500_000)}"}`],
  ['2 MiB of escapes', 400, `{"agent":"assistant","input":"${'\\u0061'.repeat(340_000)}"}`],
  ['12 MB of escapes as a file', 413, file('\\/'.repeat(largest / 2))],
  ['12 MB of escaped quotes', 413, file('\\"'.repeat(largest / 2))],
  ['2 MiB of escaped quotes', 400, `{"agent":"assistant","input":"${'\\"'.repeat(1_000_000)}"}`],
  ['12 MB that is nearly base64', 400, file(`${'QUJD'.repeat(Math.floor(largest / 4))}!`)],
  ['12 MB of base64 with some escapes', 400, file(`${`${'A'.repeat(63)}\\/`.repeat(largest / 65)}!`)],
]

for (const [what, expected, body] of REFUSED) {
  test(`${what}: refused, and the event loop is held up for at most ${MOST_MS} ms`, async (t) => {
    await api.longestTurnMs()
    for (let request = 0; request < 3; request += 1) {
      const { status, text } = await start(body)
      assert.equal(status, expected, text.slice(0, 300))
    }
    const longest = await api.longestTurnMs()
    t.diagnostic(`${what}: ${longest.toFixed(1)} ms`)
    assert.ok(longest <= MOST_MS, `${longest} ms`)
  })
}

test(`the largest file that comes with a message is taken, and the event loop is held up for at most ${MOST_MS} ms`, async (t) => {
  const content = pdf(1, { extra: `/Padding (${'a'.repeat(largest * 0.74)})` })
  const body = withPart(
    `{"type":"file","content_type":"application/pdf","data":"${content.toString('base64')}"}`,
  )
  await api.longestTurnMs()
  for (let request = 0; request < 3; request += 1) {
    const { status, text } = await start(body)
    assert.equal(status, 202, text.slice(0, 300))
  }
  const longest = await api.longestTurnMs()
  t.diagnostic(`${body.length} bytes: ${longest.toFixed(1)} ms`)
  assert.ok(longest <= MOST_MS, `${longest} ms`)
})

test(`the largest upload is taken, and the event loop is held up for at most ${MOST_MS} ms`, async (t) => {
  const content = pdf(1, { extra: `/Padding (${'a'.repeat(FILES.pdfBytes - 1_000)})` })
  await api.longestTurnMs()
  for (let request = 0; request < 3; request += 1) {
    const answer = await fetch(`${api.url}/v1/files`, {
      method: 'POST',
      headers: { 'content-type': 'application/pdf' },
      body: new Uint8Array(content),
    })
    assert.equal(answer.status, 201, await answer.text())
  }
  const longest = await api.longestTurnMs()
  t.diagnostic(`${content.length} bytes: ${longest.toFixed(1)} ms`)
  assert.ok(longest <= MOST_MS, `${longest} ms`)
})
