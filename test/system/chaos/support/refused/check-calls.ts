import assert from 'node:assert/strict'
import type { Verdict } from '../../../../../src/contracts/tools/tool.ts'
import { canonicalSha256 } from '../../../../../src/security/canonical-sha256.ts'
import type { PlayedRun } from './played-run.ts'
import type { ApprovalRecord, RunRecord } from './record.ts'
import type { WildCall } from './wild-call.ts'

/**
 * What must hold of a run's calls, by the desk's own books: nothing was carried out that a rule denied or that nobody let go
 * ahead; what was, with just the arguments that were agreed to, after it was; and in a run that went on, all of it, once.
 */
export function checkCalls(run: PlayedRun, record: RunRecord): void {
  const explained = new Set<string>()
  for (const [step, calls] of run.wild.steps.entries()) {
    for (const [index, call] of calls.entries()) {
      for (const key of checkCall(run, record, call, step + 1, index)) explained.add(key)
    }
  }
  assert.deepEqual(
    record.effects.map(({ key }) => key).filter((key) => !explained.has(key)),
    [],
    'something was carried out that no model asked for, or that nobody said to repeat',
  )
}

/** Gives the keys under which this call may have been carried out. */
function checkCall(run: PlayedRun, record: RunRecord, call: WildCall, step: number, index: number): string[] {
  const about = record.approvals.filter((one) => one.step === step && one.index === index)
  const asked = about.find(({ cause }) => cause === 'policy')
  const key = `${run.runId}/${step}/${index}`
  const done = record.effects.filter((effect) => effect.key === key)
  const what = `${call.tool} ${key}`
  const [effect] = done
  assert.ok(done.length <= 1, `${what} was carried out twice under one key`)
  const verdicts = verdictsOn(run, record, call, step)
  const began = record.events.find(
    ({ type, data }) => type === 'tool.started' && data['step'] === step && data['index'] === index,
  )

  if (asked === undefined) {
    if (verdicts.every((verdict) => verdict !== 'allow')) {
      assert.equal(effect, undefined, `${what} was carried out and nobody was asked`)
      assert.equal(began, undefined, `${what} was begun and nobody was asked`)
    }
    if (effect) assert.equal(canonicalSha256(effect.arguments), canonicalSha256(call.arguments), what)
  } else {
    assert.ok(verdicts.includes('ask'), `${what}: somebody was asked about what is not to be asked`)
    assert.equal(asked.argumentsSha256, canonicalSha256(call.arguments), `${what}: asked about another call`)
    const agreed = agreedSha256(asked)
    if (agreed === null) {
      assert.equal(effect, undefined, `${what} was carried out though ${asked.status}`)
      assert.equal(began, undefined, `${what} was begun though ${asked.status}`)
    }
    if (effect) assert.equal(canonicalSha256(effect.arguments), agreed, `${what}: with other arguments`)
    if (began) {
      const said = record.events.find(
        ({ type, data }) => type === 'approval.decided' && data['approval_id'] === asked.id,
      )
      assert.ok(said && said.seq < began.seq, `${what} was begun before it was decided`)
    }
  }
  const wentAhead = asked === undefined ? !verdicts.includes('deny') : agreedSha256(asked) !== null
  const repeats = about.filter(({ cause }) => cause === 'outcome_unknown')
  if (record.status === 'completed' && wentAhead && verdicts.includes(asked ? 'ask' : 'allow')) {
    const isDenied = record.calls.some(
      (one) => one.step === step && one.index === index && one.status === 'denied',
    )
    if (isDenied) assert.ok(tightensTo(run, call, 'deny'), `${what} was denied by no rule`)
    else if (repeats.length === 0) assert.ok(effect, `${what} was not carried out`)
  }
  return [key, ...repeats.flatMap((repeat) => checkRepeat(record, call, asked, repeat, key))]
}

/** A person was asked whether to call again, since nobody knows how the call ended. */
function checkRepeat(
  record: RunRecord,
  call: WildCall,
  asked: ApprovalRecord | undefined,
  repeat: ApprovalRecord,
  key: string,
): string[] {
  const again = repeat.id.split('_').at(-1)
  const repeated = `${key}/${again}`
  const done = record.effects.filter((effect) => effect.key === repeated)
  assert.ok(done.length <= 1, `${repeated} was carried out twice`)
  const [effect] = done
  if (repeat.status !== 'approved') assert.equal(effect, undefined, `${repeated} though ${repeat.status}`)
  const agreed = asked === undefined ? canonicalSha256(call.arguments) : agreedSha256(asked)
  if (effect) assert.equal(canonicalSha256(effect.arguments), agreed, `${repeated}: with other arguments`)
  return [repeated]
}

function agreedSha256({ status, argumentsSha256, editedSha256 }: ApprovalRecord): string | null {
  if (status === 'approved') return argumentsSha256
  return status === 'edited' ? editedSha256 : null
}

/** What the policy may have said: a rule that came in while the run went on may have been in time for this call or not. */
export function verdictsOn(
  run: PlayedRun,
  record: RunRecord,
  call: WildCall,
  step: number,
): readonly Verdict[] {
  const { rule } = run.wild
  if (!tightensTo(run, call, rule.verdict)) return [call.verdict]
  const stricter = ORDER[Math.max(ORDER.indexOf(call.verdict), ORDER.indexOf(rule.verdict))] ?? 'deny'
  // It came in when the first approval was there, so it was in time for all that a model wanted after that.
  const first = Math.min(...record.approvals.map((approval) => approval.step))
  return step > first ? [stricter] : [...new Set([call.verdict, stricter])]
}
const ORDER = ['allow', 'ask', 'deny'] as const

export function tightensTo({ wild, actions }: PlayedRun, { tool }: WildCall, verdict: Verdict): boolean {
  const { rule } = wild
  return actions.tightened && rule.verdict === verdict && (rule.tool === '*' || rule.tool === tool)
}
