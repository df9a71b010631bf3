import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { tellExchanges } from '../../../src/api/dossier/story/tell-exchanges.ts'
import { createTimeline } from '../../../src/api/dossier/story/timeline.ts'
import type { ExchangeResource } from '../../../src/api/dossier/trace.schema.ts'

/* What a story leaves out, and what it adds for whoever reads it in a hurry. */

const entry = (at: string) => ({ at: `2026-11-${at}Z`, lines: ['something'] })

describe('the times of a story', () => {
  it('are in order, and say where nothing happened for a minute or longer', () => {
    const timeline = createTimeline('2026-11-27T10:00:00.000Z')
    assert.deepEqual(timeline([entry('27T10:01:30.000'), entry('27T10:00:59.999')]), [
      '10:00:59.999  something',
      '10:01:30.000  something',
    ])
    assert.deepEqual(timeline([entry('27T14:13:30.000')]), [
      '              … 4 h 12 min later',
      '14:13:30.000  something',
    ])
  })

  it('say which day it is where another one begins', () => {
    const timeline = createTimeline('2026-11-27T23:59:50.000Z')
    assert.deepEqual(
      timeline([entry('27T23:59:55.000'), entry('28T00:00:05.000'), entry('28T00:00:06.000')]),
      ['23:59:55.000  something', '2026-11-28', '00:00:05.000  something', '00:00:06.000  something'],
    )
  })

  it('begin with the day where a page goes on with a run, and tell no wait of which they know nothing', () => {
    assert.deepEqual(createTimeline(null)([entry('28T00:00:05.000')]), [
      '2026-11-28',
      '00:00:05.000  something',
    ])
  })
})

describe('the requests of an attempt', () => {
  const exchange = (changes: Partial<ExchangeResource> = {}): ExchangeResource => ({
    purpose: 'answer',
    method: 'GET',
    url: 'https://api.example/v1/responses/resp_1',
    status: 200,
    began_at: '2026-11-27T10:00:00.000Z',
    head_ms: 5,
    first_byte_ms: 6,
    took_ms: 7,
    complete: true,
    request_headers: {},
    answer_headers: {},
    request: { bytes: 0 },
    answer: { bytes: 100, kept_bytes: 100 },
    ...changes,
  })
  const asked = exchange({
    method: 'POST',
    url: 'https://api.example/v1/responses',
    request: { bytes: 1_204 },
  })
  const looks = Array.from({ length: 60 }, (_, n) =>
    exchange({ began_at: `2026-11-27T10:00:${String(n).padStart(2, '0')}.000Z` }),
  )
  const tell = (exchanges: readonly ExchangeResource[]) => tellExchanges(exchanges).map((line) => line.trim())

  it('are told by the first and the last where the same was asked again and again', () => {
    assert.deepEqual(tell([asked, ...looks]), [
      'POST https://api.example/v1/responses, 1,204 bytes',
      '200 after 5 ms, first byte after 6 ms, whole after 7 ms, 100 bytes',
      '10:00:00.000 GET https://api.example/v1/responses/resp_1',
      '200 after 5 ms, first byte after 6 ms, whole after 7 ms, 100 bytes',
      '… 58 more like it',
      '10:00:59.000 GET https://api.example/v1/responses/resp_1',
      '200 after 5 ms, first byte after 6 ms, whole after 7 ms, 100 bytes',
    ])
  })

  it('are all told where one of them failed, or has a body that was asked for', () => {
    const failed = exchange({ status: 500, answer: { bytes: 5, kept_bytes: 5, excerpt: 'Oops!' } })
    assert.equal(tell([exchange(), failed, exchange(), failed]).filter((line) => /GET/.test(line)).length, 4)
    assert.ok(tell([failed]).includes('"Oops!"'))
    const shown = exchange({ answer: { bytes: 2, kept_bytes: 2, text: 'ok' } })
    assert.equal(tell([shown, shown, shown]).filter((line) => /GET/.test(line)).length, 3)
  })

  it('say of one without an end whether it goes on, or was lost', () => {
    const open = { status: null, took_ms: null, head_ms: null, first_byte_ms: null, worker: 'host:1:a' }
    assert.deepEqual(tell([exchange(open)]).slice(1), ['under way at worker host:1:a'])
    assert.deepEqual(tell([exchange({ ...open, lost: true })]).slice(1), ['lost with worker host:1:a'])
    assert.deepEqual(tell([exchange({ ...open, status: 200, head_ms: 84, lost: true })]).slice(1), [
      '200 after 84 ms, lost with worker host:1:a',
    ])
  })
})
