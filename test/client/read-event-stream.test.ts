import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readEventStream, type StreamEntry } from '../../src/client/transport/read-event-stream.ts'

const STREAM =
  ':\n\nid: 1\nevent: run.started\ndata: {"text":"é"}\n\n:\n\nevent: model.delta\ndata: {"a": "b: c"}\n\nid: 2\n'

describe('an event stream', () => {
  it('is read entry by entry, wherever its bytes are cut', async () => {
    const bytes = new TextEncoder().encode(STREAM)
    for (const size of [1, 2, 7, bytes.length]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.slice(i * size, (i + 1) * size),
      )
      const entries: StreamEntry[] = []
      for await (const entry of readEventStream(ReadableStream.from(pieces))) entries.push(entry)
      assert.deepEqual(entries, [
        { id: '1', event: 'run.started', data: '{"text":"é"}' },
        { id: null, event: 'model.delta', data: '{"a": "b: c"}' },
      ])
    }
  })
})
