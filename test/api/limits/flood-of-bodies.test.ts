import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import type { FastifyInstance } from 'fastify'
import pino from 'pino'
import { HTTP } from '../../../src/policies/api.ts'
import { createMetrics } from '../../../src/telemetry/metrics/create-metrics.ts'
import { createTelemetry } from '../../../src/telemetry/telemetry.ts'
import { openPgliteTestDatabase } from '../../support/pglite.ts'
import type { TestDatabase } from '../../support/test-database.ts'
import { until } from '../../support/until.ts'
import { seriesValue } from '../../telemetry/metrics/support/samples.ts'
import { bearer, type MadeToken, SECRET } from '../access/support/token-api.ts'
import { acceptTestRun } from '../support/play-run.ts'
import { post } from '../support/post.ts'
import { recordingTemporal } from '../support/recording-temporal.ts'
import { buildApi } from '../support/start-api.ts'
import { makeKey } from '../support/test-keys.ts'

/* Uploads of which four bytes come and the rest never does, as many as an attacker likes. */

const UPLOADS = 8
const FILE = HTTP.bodyBytes.file
const INPUT = HTTP.bodyBytes.input

interface Headers {
  readonly authorization: string
}
interface Line {
  readonly msg?: string
  readonly callers?: readonly Record<string, unknown>[]
}

let store: TestDatabase
let api: FastifyInstance
let url: string
const metrics = createMetrics({ tenants: false })
const lines: Line[] = []
const sockets: Socket[] = []

before(async () => {
  store = await openPgliteTestDatabase()
  api = buildApi(store.database, recordingTemporal().client, 'test', {
    auth: 'keys',
    secret: SECRET,
    metrics,
    metricsOpenTo: 'everybody',
    telemetry: createTelemetry([metrics.sink]),
    logger: pino({ level: 'warn' }, { write: (line: string) => lines.push(JSON.parse(line) as Line) }),
  })
  // They stall for as long as the tests last.
  api.server.requestTimeout = 600_000
  url = await api.listen({ host: '127.0.0.1', port: 0 })
})
after(async () => {
  for (const socket of sockets) socket.destroy()
  await api.close()
  await store.close()
})

const keyOf = (tenant: string) => makeKey(store.database, { tenant })

/** Begins uploads that stall. @returns what those that are refused were answered, as it comes */
function flood(path: string, bytes: number, { authorization }: Headers): string[] {
  const answers: string[] = []
  for (let count = 0; count < UPLOADS; count += 1) {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) }).setEncoding('utf8')
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.once('data', (text) => answers.push(String(text)))
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: ${authorization}\r\ncontent-type: application/json\r\ncontent-length: ${bytes}\r\n\r\n{"a"`,
    )
  }
  return answers
}

/** Uploads what is as large as a file may be, and none: 422 says that it was read. */
async function uploads(headers: Headers): Promise<number> {
  const all = { ...headers, 'content-type': 'image/png' }
  return (await fetch(`${url}/v1/files`, { method: 'POST', headers: all, body: Buffer.alloc(FILE) })).status
}

describe('a flood of uploads that stall', () => {
  let key: Awaited<ReturnType<typeof makeKey>>

  it('holds what one caller may have', async () => {
    key = await keyOf('acme')
    const refused = UPLOADS - HTTP.largeBodies.callerBytes / FILE
    const answers = flood('/v1/files', FILE, key.headers)
    await until('the rest is refused', async () => answers.length === refused)
    for (const answer of answers) {
      assert.match(answer, /^HTTP\/1.1 503 /)
      assert.match(answer, /retry-after: \d/)
      assert.match(answer, /"code":"overloaded"/)
      assert.match(answer, /This caller has as many large bodies under way/)
    }
    const shed = await (await fetch(`${url}/metrics`)).text()
    assert.equal(
      seriesValue(shed, 'holdfast_requests_shed_total{kind="write",reason="caller_bodies"}'),
      refused,
    )
  })

  it('holds one body where a page sends it', async () => {
    const maker = await keyOf('acme')
    const { id } = await acceptTestRun(store.database, { tenant: 'acme', principal: 'ann' })
    const made = await post<MadeToken>(`${url}/v1/tokens`, { run_id: id, write: true }, maker.headers)
    assert.equal(made.status, 201, made.text)
    const answers = flood(`/v1/runs/${id}/messages`, INPUT, bearer(made.body.token))
    await until('the rest is refused', async () => answers.length === UPLOADS - 1)
    for (const answer of answers) assert.match(answer, /^HTTP\/1.1 503 .*This caller has/s)
  })

  it('leaves room for other callers of its tenant, and for other tenants', async () => {
    const [other, another] = [await keyOf('acme'), await keyOf('globex')]
    for (let round = 0; round < 3; round += 1) {
      assert.equal(await uploads(other.headers), 422)
      assert.equal(await uploads(another.headers), 422)
    }
    assert.deepEqual(await Promise.all([other, another].map(({ headers }) => uploads(headers))), [422, 422])
    assert.equal(await uploads(key.headers), 503)
  })

  it('is told with who sends it', async () => {
    const [line] = lines.filter(({ msg }) => msg?.startsWith('too many large bodies under way'))
    const [sender] = line?.callers ?? []
    assert.equal(sender?.keyId, key.id)
    assert.equal(sender?.tenant, 'acme')
    assert.equal(sender?.bytes, HTTP.largeBodies.callerBytes)
  })
})
