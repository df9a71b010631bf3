import assert from 'node:assert/strict'
import { ServerResponse } from 'node:http'
import { type TestContext, test } from 'node:test'
import { readStream } from '../../api/support/read-stream.ts'
import { clerkPlan } from '../../support/office.ts'
import { startEnvironment } from '../../support/start-environment.ts'
import { createCaller } from './support/caller.ts'

/*
 * What reading along costs: a piece of text as a reader of the run's events gets it, against a piece as a reader of the scripted provider
 * gets it, side by side.
 */

const PIECES = 200
/** As a provider sends them. */
const BETWEEN_PIECES_MS = 30
/** The promise is 10, on a machine that does nothing else (`npm run prove`); in a test run other tests compute beside it. */
const MOST_ADDED_MS = Number(process.env['STREAM_DELAY_MS'] ?? 100)

/** One marker a piece, since a piece of the scripted wires has 48 characters. */
const TEXT = Array.from({ length: PIECES }, (_, n) => `<${String(n).padStart(4, '0')}>`.padEnd(48, '.')).join(
  '',
)

test('a piece of text is with its reader soon after the provider has sent it', async (t) => {
  const environment = await startEnvironment({
    store: 'postgres',
    script: () => ({ text: TEXT, chunkDelayMs: BETWEEN_PIECES_MS }),
  })
  t.after(() => environment.close())
  const sendings = writtenBy(t, 'response.output_text.delta')

  const { runId } = await environment.startPlan(clerkPlan(), 'speak')
  const ofRun = arrivals()
  const ofProvider = arrivals()
  const present = Promise.withResolvers<void>()
  async function readAlong(): Promise<void> {
    const url = createCaller(environment.service.url).v1(`/runs/${runId}/events`)
    for await (const { event, data } of readStream(url)) {
      if (event === 'model.started') present.resolve()
      if (event === 'model.delta') ofRun.take(String(data['text']))
    }
  }
  async function readDirectly(): Promise<void> {
    await present.promise
    const body = JSON.stringify({ model: 'm', input: 'speak', stream: true })
    const answer = await fetch(`${environment.provider.url}/v1/responses`, { method: 'POST', body })
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) ofProvider.take(chunk)
  }
  await Promise.all([readAlong(), readDirectly()])

  const [sentToRun, sentDirectly] = sendings()
  const added = delays(ofRun.at, sentToRun)
  const usual = delays(ofProvider.at, sentDirectly)
  const difference = added.median - usual.median
  const shown = (one: typeof added) => `median ${one.median.toFixed(1)} ms, p95 ${one.p95.toFixed(1)} ms`
  t.diagnostic(`a piece to a reader of the run: ${shown(added)}; of the provider: ${shown(usual)}`)
  t.diagnostic(`added by the product: median ${difference.toFixed(1)} ms`)
  assert.ok(difference <= MOST_ADDED_MS, `${difference} ms`)
})

/** When each piece came. Pieces that come together have come at the same time. */
function arrivals() {
  const at: number[] = []
  let text = ''
  return {
    at,
    take(more: string) {
      text += more
      for (const [, n] of text.matchAll(/<(\d{4})>/g)) at[Number(n)] ??= performance.now()
      text = text.slice(-5)
    },
  }
}

/** When servers of this process have written pieces in frames of this type: a list for each response, in the order of their beginnings. */
function writtenBy(t: TestContext, type: string): () => (readonly number[])[] {
  const responses = new Map<ServerResponse, number[]>()
  const write = ServerResponse.prototype.write
  t.mock.method(
    ServerResponse.prototype,
    'write',
    function (this: ServerResponse, ...args: Parameters<typeof write>) {
      const chunk = String(args[0])
      const n = chunk.includes(type) ? /<(\d{4})>/.exec(chunk)?.[1] : undefined
      if (n !== undefined) {
        const times = responses.get(this) ?? []
        responses.set(this, times)
        times[Number(n)] ??= performance.now()
      }
      return write.apply(this, args)
    },
  )
  return () => [...responses.values()]
}

/** From the sending of each piece to its arrival, in milliseconds. */
function delays(arrived: readonly number[], sent: readonly number[] = []): { median: number; p95: number } {
  assert.deepEqual([arrived.length, sent.length], [PIECES, PIECES])
  const sorted = arrived.map((at, n) => at - (sent[n] ?? Number.NaN)).sort((one, other) => one - other)
  return { median: sorted[PIECES / 2] ?? Number.NaN, p95: sorted[Math.floor(PIECES * 0.95)] ?? Number.NaN }
}
