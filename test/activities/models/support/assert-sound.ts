import assert from 'node:assert/strict'
import { ModelFailure } from '../../../../src/activities/models/failures/model-failure.ts'
import type { ModelAnswer } from '../../../../src/activities/models/wires/model-adapter.ts'
import { ERROR_CODES } from '../../../../src/contracts/error-codes.ts'
import { isDeeperThan } from '../../../../src/contracts/json.ts'
import type { CallUsage } from '../../../../src/contracts/models/usage.ts'
import { storableJson } from '../../../../src/store/database/postgres-text.ts'

/** What everything after an adapter relies on, whatever the provider has sent. */
export function assertSound(answer: ModelAnswer): void {
  const { message, stop, usage, servedBy, requestId } = answer
  assert.equal(storableJson(answer), JSON.stringify(answer), 'the store keeps it as it is')
  assert.deepEqual(JSON.parse(JSON.stringify(message)), message, 'it is JSON')
  assertUsage(usage)
  assertName(servedBy)
  if (requestId !== null) assert.ok(requestId.length <= 128)

  const { toolCalls, text, wire, wireItems } = message
  assert.equal(stop === 'tool_calls', toolCalls.length > 0)
  if (stop === 'end') assert.notEqual(text.trim(), '')
  assert.ok(toolCalls.length <= 32)
  assert.equal(new Set(toolCalls.map(({ callId }) => callId)).size, toolCalls.length, 'ids are unique')
  for (const { callId, tool, arguments: args, problem, received = '' } of toolCalls) {
    assert.match(callId, /^[a-zA-Z0-9_-]{1,64}$/)
    assertName(tool)
    assert.ok(args !== null && typeof args === 'object' && !Array.isArray(args))
    assert.ok(!isDeeperThan(args, 64))
    assert.ok(Buffer.byteLength(JSON.stringify(args)) <= 65_536)
    if (problem !== undefined) assert.deepEqual(args, {})
    assert.ok(received.length <= 200)
  }
  assert.ok(!isDeeperThan(wireItems, 128))
  if (wire === 'none') assert.deepEqual(wireItems, [])
  else
    assert.deepEqual(
      idsIn(wireItems),
      toolCalls.map(({ callId }) => callId),
      'each call goes back once',
    )
}

/** Ids of the calls in what goes back to the provider. */
function idsIn(items: readonly unknown[]): unknown[] {
  return items.flatMap((item) => {
    const { type, id, call_id, tool_calls = [] } = item as Record<string, unknown>
    if (type === 'tool_use') return [id]
    if (type === 'function_call') return [call_id]
    return (tool_calls as { id: unknown }[]).map((call) => call.id)
  })
}

function assertUsage(usage: CallUsage): void {
  for (const [name, count] of Object.entries(usage)) {
    assert.ok(Number.isSafeInteger(count) && count >= 0 && count <= 60_000_000, `${name}: ${count}`)
  }
}

function assertName(name: string): void {
  assert.ok(name.trim() !== '' && name.length <= 128, `"${name.slice(0, 200)}"`)
}

/** A failure that may travel. Anything else that an adapter throws breaks its contract. */
export function assertOurFailure(error: unknown): void {
  assert.ok(error instanceof ModelFailure, `threw ${error instanceof Error ? error.stack : String(error)}`)
  const { code, message, billed, retryAfterMs, usage, cause } = error
  assert.equal(message, ERROR_CODES[code].text)
  assert.ok(billed === 'no' || billed === 'unknown')
  if (retryAfterMs !== undefined) {
    assert.ok(Number.isSafeInteger(retryAfterMs) && retryAfterMs > 0 && retryAfterMs <= 86_400_000)
  }
  if (usage !== undefined) assertUsage(usage)
  if (cause instanceof Error) assert.ok(cause.message.length <= 1_000, 'the log is spared whole bodies')
}
