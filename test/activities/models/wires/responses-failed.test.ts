import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ErrorCode } from '../../../../src/contracts/error-codes.ts'
import { askAt } from '../support/ask.ts'
import { startRawServer } from '../support/raw-server.ts'

const TABLE: readonly (readonly [string | null, ErrorCode])[] = [
  ['server_error', 'model_overloaded'],
  ['rate_limit_exceeded', 'model_rate_limited'],
  ['invalid_prompt', 'model_content_filtered'],
  ['bio_policy', 'model_content_filtered'],
  ['context_length_exceeded', 'model_context_too_long'],
  ['insufficient_quota', 'model_quota_exhausted'],
  ['something_new', 'model_overloaded'],
  [null, 'model_overloaded'],
]

const USED = {
  inputTokens: 50,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 3,
  reasoningTokens: 0,
}

for (const [code, expected] of TABLE) {
  const response = {
    id: 'resp_1',
    object: 'response',
    model: 'gpt-5.5',
    status: 'failed',
    error: code === null ? null : { code, message: 'foreign words' },
    output: [],
    usage: { input_tokens: 50, output_tokens: 3 },
  }

  test(`openai-responses: status failed with ${code} inside a 200 → ${expected}, with what it used`, async (t) => {
    const url = await startRawServer(t, (_, answer) => {
      answer.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_7' })
      answer.end(`event: response.failed\ndata: ${JSON.stringify({ type: 'response.failed', response })}\n\n`)
    })
    await assert.rejects(askAt(url)('openai-responses'), { code: expected, usage: USED })
  })

  test(`openai-responses: a whole answer with status failed and ${code} → ${expected}, with what it used`, async (t) => {
    const url = await startRawServer(t, (_, answer) => {
      answer.writeHead(200, { 'content-type': 'application/json' })
      answer.end(JSON.stringify(response))
    })
    await assert.rejects(askAt(url)('openai-responses'), { code: expected, usage: USED })
  })
}
