import assert from 'node:assert/strict'
import type { ReceivedSpan } from './decode-spans.ts'

/** The spans by their ids, each once: what a backend makes of spans that it gets twice. */
export function distinct(spans: readonly ReceivedSpan[]): ReceivedSpan[] {
  return [...new Map(spans.map((span) => [span.spanId, span])).values()]
}

/**
 * Asserts that the spans of one trace are one tree: every parent is there, apart from the root's, every span lies within its parent, and
 * the steps of a run tile it.
 *
 * @returns the root
 */
export function checkTree(all: readonly ReceivedSpan[]): ReceivedSpan {
  const spans = distinct(all)
  assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1, 'all are of one trace')
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  const roots = spans.filter(({ parentSpanId }) => !byId.has(parentSpanId))
  assert.deepEqual(
    roots.map(({ name }) => name),
    roots.filter(({ name }) => name.startsWith('invoke_agent')).map(({ name }) => name),
    'nothing but a run has a parent that is not there',
  )
  assert.equal(roots.length, 1)
  for (const span of spans) {
    assert.ok(span.startNs <= span.endNs, `${span.name} ends before it begins`)
    const parent = byId.get(span.parentSpanId)
    if (parent === undefined) continue
    const place = `${span.name} in ${parent.name}`
    assert.ok(parent.startNs <= span.startNs, `${place} begins ${parent.startNs - span.startNs} ns too early`)
    // The end of an attempt whose worker was killed is its last sign of life: what it was doing went on for a moment.
    if (parent.attributes['holdfast.outcome'] === 'stopped') continue
    assert.ok(span.endNs <= parent.endNs, `${place} ends ${span.endNs - parent.endNs} ns too late`)
  }
  for (const run of spans.filter(({ name }) => name.startsWith('invoke_agent'))) checkTiling(run, spans)
  return roots[0] ?? assert.fail()
}

function checkTiling(run: ReceivedSpan, spans: readonly ReceivedSpan[]): void {
  const parts = spans
    .filter(({ parentSpanId, name }) => parentSpanId === run.spanId && /^(queued|step \d+)$/.test(name))
    .sort((one, other) => Number(one.startNs - other.startNs) || Number(one.endNs - other.endNs))
  let at = run.startNs
  for (const { name, startNs, endNs } of parts) {
    assert.equal(startNs, at, `${name} begins where the one before has ended`)
    at = endNs
  }
  assert.equal(at, run.endNs, 'the last step ends with the run')
}

/** The tree by names, each span before its children, in the order of time. */
export function outline(all: readonly ReceivedSpan[], root: ReceivedSpan): string[] {
  const spans = distinct(all)
  const under = (parent: ReceivedSpan, depth: number): string[] => [
    `${'  '.repeat(depth)}${parent.name}${parent.status === 2 ? ' !' : ''}`,
    ...spans
      .filter(({ parentSpanId }) => parentSpanId === parent.spanId)
      .sort((one, other) => Number(one.startNs - other.startNs) || one.name.localeCompare(other.name))
      .flatMap((child) => under(child, depth + 1)),
  ]
  return under(root, 0)
}
