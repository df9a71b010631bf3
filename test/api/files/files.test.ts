import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type FileResource, file as fileSchema } from '../../../src/api/files/file.schema.ts'
import { type MessageResource, messagePage } from '../../../src/api/runs/message.schema.ts'
import type { RunResource } from '../../../src/api/runs/run.schema.ts'
import { defineAgent, defineApp } from '../../../src/index.ts'
import { HTTP } from '../../../src/policies/api.ts'
import { FILES } from '../../../src/policies/operations/files.ts'
import { newId } from '../../../src/security/new-id.ts'
import type { Database } from '../../../src/store/database/database.ts'
import { markRunStarted } from '../../../src/store/runs/mark-run-started.ts'
import { findRun } from '../../../src/store/runs/runs.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import { gif, jpeg, pdf, png, webp } from '../../support/sample-files.ts'
import { askApproval } from '../support/ask-approval.ts'
import { type Answer, get, post, send } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { startApi, type TestApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

interface Refusal {
  readonly code: string
  readonly detail: string
  readonly errors?: readonly { readonly pointer: string }[]
}
type Key = Record<string, string>

const app = defineApp({
  name: 'readers',
  agents: [
    defineAgent({ name: 'reader', version: 'v1', instructions: 'Read.' }),
    defineAgent({ name: 'blind', version: 'v1', instructions: 'Read.', models: ['openai/o3-mini'] }),
    defineAgent({
      name: 'images',
      version: 'v1',
      instructions: 'Read.',
      models: [{ model: 'openai/o3-mini', accepts: ['image'] }],
    }),
  ],
})

let database: Database
let close: () => Promise<void>
let api: TestApi
let [ann, bob, auditor, service]: Key[] = []

before(async () => {
  const opened = await openPgliteTestDatabase()
  ;({ database, close } = opened)
  const secret = 'a secret of thirty-two characters'
  api = await startApi(database, recordingTemporal().client, 'test', { auth: 'keys', secret, app })
  const keyOf = async (principal: string, scopes: Parameters<typeof makeKey>[1]) =>
    (await makeKey(database, { principal, ...scopes })).headers
  ann = await keyOf('ann', { scopes: ['runs:*'] })
  bob = await keyOf('bob', { scopes: ['runs:*'] })
  auditor = await keyOf('rita', { scopes: ['runs:read:all'] })
  service = await keyOf('app', { scopes: ['runs:*', 'principals:act'] })
})
after(async () => {
  await api.close()
  await close()
})

/** As its worker opens it: before that it takes no messages. */
async function openRun(id: string): Promise<void> {
  const run = await findRun(database, 'default', id)
  assert.ok(run)
  const { tenant, principal, plan } = run
  await markRunStarted(database, { run: { runId: run.id, tenant, principal }, plan })
}

const v1 = (path: string) => `${api.url}/v1${path}`

async function upload(
  content: Buffer,
  contentType: string,
  { query = '', key = ann }: { query?: string; key?: Key | undefined } = {},
): Promise<Answer<FileResource & Refusal>> {
  const answer = await fetch(v1(`/files${query}`), {
    method: 'POST',
    headers: { ...key, ...(contentType !== '' && { 'content-type': contentType }) },
    body: new Uint8Array(content),
  })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, body: JSON.parse(text) }
}

const SAMPLES = [
  ['image/png', png(30, 20)],
  ['image/jpeg', jpeg()],
  ['image/gif', gif()],
  ['image/webp', webp()],
  ['application/pdf', pdf(3)],
] as const

for (const [type, content] of SAMPLES) {
  test(`${type} is taken, and comes back as it was, to be saved and not shown`, async () => {
    const { status, headers, body } = await upload(content, `${type}; charset=binary`, {
      query: '?filename=a.b',
    })
    assert.equal(status, 201)
    assert.equal(headers.get('location'), `/v1/files/${body.id}`)
    fileSchema.parse(body)
    assert.deepEqual(
      { type: body.content_type, bytes: body.bytes, name: body.filename, sha256: body.sha256 },
      {
        type,
        bytes: content.length,
        name: 'a.b',
        sha256: createHash('sha256').update(content).digest('hex'),
      },
    )
    assert.deepEqual((await get<FileResource>(v1(`/files/${body.id}`), ann)).body, body)
    const answer = await fetch(v1(`/files/${body.id}/content`), { headers: ann ?? {} })
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), content)
    assert.equal(answer.headers.get('content-type'), type)
    assert.equal(answer.headers.get('content-disposition'), 'attachment; filename="a.b"')
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
    assert.match(answer.headers.get('content-security-policy') ?? '', /sandbox/)
  })
}

const tooBig = Buffer.concat([jpeg(), Buffer.alloc(FILES.imageBytes)])

const HOSTILE: readonly (readonly [
  name: string,
  content: Buffer,
  type: string,
  code: string,
  detail?: RegExp,
])[] = [
  ['nothing', Buffer.alloc(0), 'image/png', 'file_not_taken', /no content/],
  ['a type that is not said', png(), '', 'unsupported_media_type'],
  ['a type that is not taken', png(), 'application/octet-stream', 'unsupported_media_type'],
  [
    'SVG',
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    'image/svg+xml',
    'unsupported_media_type',
  ],
  [
    'SVG that is said to be PNG',
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    'image/png',
    'file_not_taken',
  ],
  ['HTML', Buffer.from('<script>alert(1)</script>'), 'text/html', 'unsupported_media_type'],
  [
    'HTML that is said to be PDF',
    Buffer.from('<script>alert(1)</script>'),
    'application/pdf',
    'file_not_taken',
  ],
  ['JSON', Buffer.from('{}'), 'application/json', 'unsupported_media_type'],
  ['a GIF that is said to be PNG', gif(), 'image/png', 'file_not_taken', /another type/],
  ['a PDF that is said to be PNG', pdf(), 'image/png', 'file_not_taken', /another type/],
  [
    'a PNG with HTML behind it',
    Buffer.concat([png(), Buffer.from('<html>')]),
    'image/png',
    'file_not_taken',
    /damaged/,
  ],
  ['a PNG that is cut off', png().subarray(0, 40), 'image/png', 'file_not_taken', /damaged/],
  ['an image of too many pixels', png(7_900, 7_900, false), 'image/png', 'file_not_taken', /pixels/],
  ['an image with a side too long', png(60_000, 1, false), 'image/png', 'file_not_taken', /pixels/],
  ['an image of too many bytes', tooBig, 'image/jpeg', 'payload_too_large', /bytes/],
  [
    'more bytes than any file may have',
    Buffer.alloc(HTTP.bodyBytes.file + 1),
    'application/pdf',
    'payload_too_large',
  ],
  [
    'a PDF of too many pages',
    pdf(FILES.pdfPages + 1, { compressed: true }),
    'application/pdf',
    'file_not_taken',
    /pages/,
  ],
  [
    'a PDF with a password',
    pdf(1, { extra: '/Encrypt << >>' }),
    'application/pdf',
    'file_not_taken',
    /encrypted/,
  ],
]

for (const [name, content, type, code, detail = /./] of HOSTILE) {
  test(`not taken: ${name}`, async () => {
    const { body } = await upload(content, type)
    assert.equal(body.code, code)
    assert.match(body.detail, detail)
  })
}

const NAMES: readonly (readonly [query: string, header: string | null])[] = [
  ['invoice.pdf', 'attachment; filename="invoice.pdf"'],
  ['a "quoted" name', 'attachment; filename="a _quoted_ name"; filename*=UTF-8\'\'a%20%22quoted%22%20name'],
  [
    "größe (1)'.png",
    "attachment; filename=\"gr__e (1)'.png\"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%281%29%27.png",
  ],
  ['100%41.png', 'attachment; filename="100_41.png"; filename*=UTF-8\'\'100%2541.png'],
  ['../../etc/passwd', null],
  ['..\\windows', null],
  ['a\r\nset-cookie: x=y', null],
  ['a\0b', null],
  ['\u202egnp.exe', null],
  ['', null],
  ['x'.repeat(FILES.nameCharacters + 1), null],
]

for (const [name, header] of NAMES) {
  test(`the name ${JSON.stringify(name.slice(0, 30))} is ${header === null ? 'refused' : 'kept'}`, async () => {
    const { status, body } = await upload(png(), 'image/png', {
      query: `?filename=${encodeURIComponent(name)}`,
    })
    assert.equal(status, header === null ? 400 : 201)
    if (header === null) return
    assert.equal(body.filename, name)
    const { headers } = await fetch(v1(`/files/${body.id}/content`), { headers: ann ?? {} })
    assert.equal(headers.get('content-disposition'), header)
  })
}

test('a file is its principal’s: others do not learn that it is there', async () => {
  const { id } = (await upload(png(), 'image/png')).body
  for (const [path, method] of [
    ['', 'GET'],
    ['/content', 'GET'],
    ['', 'DELETE'],
  ] as const) {
    const answer = await fetch(v1(`/files/${id}${path}`), { method, headers: bob ?? {} })
    assert.equal(answer.status, 404, `${method} ${path}`)
  }
  assert.equal((await get(v1(`/files/${id}`), auditor)).status, 200)
  assert.equal((await send('DELETE', v1(`/files/${id}`), undefined, auditor)).status, 403)
  const asFile = [{ role: 'user', content: [{ type: 'image', file_id: id }] }]
  const theirs = await post<Refusal>(v1('/runs'), { agent: 'reader', input: asFile }, bob)
  assert.equal(theirs.body.code, 'file_unknown')
  assert.deepEqual(
    theirs.body.errors?.map(({ pointer }) => pointer),
    ['/input/0/content/0/file_id'],
  )
  assert.equal((await send('DELETE', v1(`/files/${id}`), undefined, ann)).status, 200)
  assert.equal((await get(v1(`/files/${id}`), ann)).status, 404)
})

test('whoever may read a run reads the files in its messages', async () => {
  const helper = (
    await makeKey(database, { principal: 'hal', scopes: ['runs:*', 'runs:write:all', 'runs:read:all'] })
  ).headers
  const { id } = (await upload(png(11, 11), 'image/png', { key: helper })).body
  const { run } = await askApproval(database)
  const shown = async (key: Key | undefined) => (await get(v1(`/files/${id}`), key)).status
  assert.deepEqual([await shown(ann), await shown(bob)], [404, 404])
  const message = { content: [{ type: 'image', file_id: id }] }
  assert.equal((await post(v1(`/runs/${run.runId}/messages`), message, helper)).status, 202)
  assert.deepEqual([await shown(ann), await shown(bob)], [200, 404])
  assert.equal((await send('DELETE', v1(`/files/${id}`), undefined, ann)).status, 404)
  const dora = (await makeKey(database, { principal: 'dora', scopes: ['approvals:decide'] })).headers
  assert.equal(await shown(dora), 200)
})

test('a service uploads in the name of a person, whose file it is', async () => {
  const named = await upload(png(9, 9), 'image/png', { key: service, query: '?principal=ann' })
  assert.equal((await get(v1(`/files/${named.body.id}`), ann)).status, 200)
  assert.equal((await get(v1(`/files/${named.body.id}`), service)).status, 404)
  assert.equal((await upload(png(), 'image/png', { key: bob, query: '?principal=ann' })).status, 403)
})

const inline = (content: Buffer, type: string, changes: object = {}) => ({
  type: type === 'application/pdf' ? 'file' : 'image',
  data: content.toString('base64'),
  content_type: type,
  ...changes,
})
const start = (content: unknown, headers: Key = {}, agent = 'reader') =>
  post<RunResource & Refusal>(
    v1('/runs'),
    { agent, input: [{ role: 'user', content }] },
    { ...ann, ...headers },
  )

async function messagesOf(runId: string): Promise<readonly MessageResource[]> {
  const { body } = await get<{ data: MessageResource[] }>(v1(`/runs/${runId}/messages`), ann)
  return messagePage.parse(body).data
}

test('a message has texts and files in their order, and shows them by their ids', async () => {
  const uploaded = (await upload(pdf(), 'application/pdf', { query: '?filename=list.pdf' })).body
  const content = [
    { type: 'text', text: 'Is this' },
    inline(png(5, 5), 'image/png'),
    { type: 'text', text: 'in here?' },
    { type: 'file', file_id: uploaded.id },
  ]
  const started = await start(content)
  assert.equal(started.status, 202, started.text)
  const [message] = await messagesOf(started.body.id)
  assert.equal(message?.content, 'Is this\n\nin here?')
  const [, image] = message.parts ?? []
  assert.ok(image?.type === 'image')
  assert.deepEqual(message.parts, [
    { type: 'text', text: 'Is this' },
    { type: 'image', file_id: image.file_id, content_type: 'image/png' },
    { type: 'text', text: 'in here?' },
    { type: 'file', file_id: uploaded.id, content_type: 'application/pdf', filename: 'list.pdf' },
  ])
  const kept = await fetch(v1(`/files/${image.file_id}/content`), { headers: ann ?? {} })
  assert.deepEqual(Buffer.from(await kept.arrayBuffer()), png(5, 5))
  const [row] = await database.query<{ longest: number }>({
    text: 'select max(octet_length(message::text)) as longest from messages',
  })
  assert.ok(row && row.longest < 1_000, 'the store has references in messages')
})

test('a start with a file inline is one start under its key, though the file is gone', async () => {
  const key = { 'idempotency-key': newId('key') }
  const content = [inline(png(6, 6), 'image/png')]
  const first = await start(content, key)
  const [message] = await messagesOf(first.body.id)
  const [part] = message?.parts ?? []
  assert.ok(part?.type === 'image')
  const count = async () => (await database.query({ text: 'select from files' })).length
  const files = await count()
  assert.equal((await start(content, key)).body.id, first.body.id)
  assert.equal((await start(content)).status, 202)
  assert.equal(await count(), files, 'the same content is the same file')
  assert.equal((await send('DELETE', v1(`/files/${part.file_id}`), undefined, ann)).status, 200)
  assert.equal((await start(content, key)).body.id, first.body.id)
  assert.equal(await count(), files - 1)
  assert.equal((await start([inline(png(7, 7), 'image/png')], key)).body.code, 'idempotency_key_reused')
})

test('a message has as many bytes of files inline as its request may have', async () => {
  const { status, text } = await start([
    inline(pdf(1, { extra: ' '.repeat(8 * 1_048_576) }), 'application/pdf'),
  ])
  assert.equal(status, 202, text)
})

const paper = inline(pdf(), 'application/pdf')
const PARTS: readonly (readonly [name: string, content: unknown, code: string, pointer: string])[] = [
  ['no part', [], 'invalid_request', '/input/0/content'],
  ['a blank text', [{ type: 'text', text: ' ' }], 'invalid_request', '/input/0/content/0'],
  ['an unknown part', [{ type: 'audio', data: 'AAAA' }], 'invalid_request', '/input/0/content/0'],
  ['a file twice', [{ ...paper, file_id: newId('file') }], 'invalid_request', '/input/0/content/0'],
  [
    'what is no base64',
    [inline(png(), 'image/png', { data: 'AAA*' })],
    'invalid_request',
    '/input/0/content/0',
  ],
  [
    'base64 without its padding',
    [inline(png(), 'image/png', { data: 'AAA' })],
    'invalid_request',
    '/input/0/content/0',
  ],
  [
    'a data URL',
    [inline(png(), 'image/png', { data: 'data:image/png;base64,AAAA' })],
    'invalid_request',
    '/input/0/content/0',
  ],
  [
    'an unknown file',
    [{ type: 'image', file_id: newId('file') }],
    'file_unknown',
    '/input/0/content/0/file_id',
  ],
  ['another type than it is', [inline(gif(), 'image/png')], 'file_not_taken', '/input/0/content/0/data'],
  ['a PDF as an image', [{ ...paper, type: 'image' }], 'file_not_taken', '/input/0/content/0/type'],
  ['too many files', Array(FILES.ofInput + 1).fill(paper), 'invalid_request', '/input'],
]

for (const [name, content, code, pointer] of PARTS) {
  test(`a message with ${name} is refused`, async () => {
    const { body } = await start(content)
    assert.equal(body.code, code, body.detail)
    assert.ok(
      body.errors?.every((error) => error.pointer.startsWith(pointer)),
      JSON.stringify(body.errors),
    )
  })
}

test('a start whose models cannot read its files is refused, and keeps none of them', async () => {
  const image = inline(png(), 'image/png')
  assert.equal((await start([image], {}, 'blind')).body.code, 'models_cannot_read_files')
  assert.equal((await start([image], {}, 'images')).status, 202)
  const files = async () => (await database.query({ text: 'select from files' })).length
  const before = await files()
  const unseen = inline(png(17, 19), 'image/png')
  assert.equal((await start([unseen], {}, 'blind')).body.code, 'models_cannot_read_files')
  assert.equal((await start([unseen, paper], {}, 'images')).body.code, 'models_cannot_read_files')
  assert.equal(await files(), before)
})

test('a message to a run has files as well, and the same message is the same', async () => {
  const { id } = (await start('Hello')).body
  await openRun(id)
  const say = (content: unknown) => post<Refusal>(v1(`/runs/${id}/messages`), { id: 'm1', content }, ann)
  const content = [{ type: 'text', text: 'Here' }, inline(png(8, 8), 'image/png')]
  assert.equal((await say(content)).status, 202)
  assert.equal((await say(content)).status, 202)
  assert.equal((await say([content[0], inline(png(8, 9), 'image/png')])).body.code, 'idempotency_key_reused')
  assert.equal((await say([{ type: 'image', file_id: newId('file') }])).body.code, 'file_unknown')
})

test('a schedule names its files, and has none inline', async () => {
  const schedule = (content: unknown) => ({
    timing: { type: 'interval', every_ms: 3_600_000 },
    run: { agent: 'reader', input: [{ role: 'user', content }] },
  })
  const { body } = await post<Refusal>(v1('/schedules'), schedule([paper]), ann)
  assert.equal(body.code, 'invalid_request')
  assert.deepEqual(
    body.errors?.map(({ pointer }) => pointer),
    ['/run/input'],
  )
})
