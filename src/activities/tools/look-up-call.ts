import { activityInfo } from '@temporalio/activity'
import type { Caller, Tool } from '../../app/tool.ts'
import { applyPolicy } from '../../contracts/approvals/approval-policy.ts'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import type { JsonObject } from '../../contracts/json.ts'
import { mayCall, plannedTool } from '../../contracts/runs/read-plan.ts'
import { type CallLookUp, type LookUpCallInput, needsLookUp } from '../../contracts/tools/look-up.ts'
import type { PlannedTool } from '../../contracts/tools/tool.ts'
import { toAppDatabase } from '../../store/database/app-database.ts'
import { findStoredCall, type StoredCall } from '../../store/tools/authorised-call.ts'
import { findToolCall } from '../../store/tools/find-tool-call.ts'
import {
  findLookUp,
  forgetTries,
  keepFound,
  keepVerdict,
  type LookUpKey,
} from '../../store/tools/look-ups.ts'
import { noteToolResults } from '../../store/tools/note-tool-results.ts'
import { runFields } from '../../telemetry/fact-run.ts'
import { callerOf } from '../caller-of.ts'
import type { Dependencies } from '../dependencies.ts'
import { failure } from '../failure.ts'
import { inlineInHistory } from '../inline-in-history.ts'
import type { Held } from '../runs/accepted-runs.ts'
import { Forged } from '../runs/forged.ts'
import { errorMessage } from '../tool-message.ts'
import { untilStored } from '../until-stored.ts'
import { withHeartbeat } from '../with-heartbeat.ts'
import { factsOfRules, foundOf, readApprovers, readFacts } from './found-of-call.ts'
import { tryLookUp } from './look-up-tries.ts'
import { type Tried, tryTool } from './try-tool.ts'
import { isEditUsable } from './usable-edit.ts'

/** A call, and the arguments that are looked up: the model's, or those of an edit. */
interface Subject {
  readonly input: LookUpCallInput
  readonly key: LookUpKey
  readonly caller: Caller
  readonly call: StoredCall
  readonly planned: PlannedTool
  readonly tool: Tool
  readonly arguments: JsonObject
}

/** The look-up has failed for good. `text`: the tool's own words, in place of the catalogue's. */
interface LookUpFailure {
  readonly code: ErrorCode
  readonly text?: string
}

/**
 * Looks up what a tool needs to know of a call: its facts, before the approval rules are applied, and its approvers, where people are
 * asked. A result is stored before it is used, and later attempts use the stored one. A look-up is tried as often as a call of the tool
 * would be; after the last failure the model is told why, and the call is not made.
 */
export function createLookUpCall(deps: Dependencies): Held<'lookUpCall'>['lookUpCall'] {
  const { database, app, outside, admits, logger } = deps

  return (input, { plan }) =>
    withHeartbeat(async () => {
      const { run, step, index, decision } = input
      const call = await findStoredCall(database, { run, step, index, again: 0 })
      if (plan === null || call === null || call.argumentsSha256 === null) throw new Forged('not_requested')
      const planned = plannedTool(plan, call.tool)
      if (!needsLookUp(planned)) throw new Forged('other_plan')
      if (!mayCall(plan, planned)) throw new Forged('not_requested')
      const tool = requireTool(planned)
      const about = { input, caller: callerOf(run, plan), call, planned, tool }
      if (decision !== undefined) {
        if (!admits('decision', run.runId, decision)) return { failed: 'decision_unsigned' }
        const { arguments: args, editedSha256 } = decision
        const isUsable = isEditUsable(deps, 'lookUpCall', call.tool, decision)
        if (!isUsable || args === undefined || editedSha256 === undefined)
          return { failed: 'edited_arguments_invalid' }
        return lookUp({
          ...about,
          arguments: args,
          key: { run, step, index, argumentsSha256: editedSha256 },
        })
      }
      // An earlier attempt may have stored the failure as the call's result already.
      const isRepeated = activityInfo().attempt > 1
      const before = isRepeated ? await findToolCall(database, { run, step, index, again: 0 }) : undefined
      if (before?.outcome) return { failed: before.outcome.code ?? 'tool_look_up_failed' }
      const key = { run, step, index, argumentsSha256: call.argumentsSha256 }
      return lookUp({ ...about, arguments: call.arguments, key })
    })

  async function lookUp(subject: Subject): Promise<CallLookUp> {
    const { input, key, call, planned, tool, arguments: args } = subject
    const known = await findLookUp(database, key)
    let facts = known?.facts ?? null
    if (planned.facts && facts === null) {
      const looked = await tried(subject, async (signal) =>
        readFacts(await tool.facts?.(args, contextOf(subject, signal))),
      )
      if ('code' in looked) return giveUp(subject, looked)
      const { value } = looked
      if (value === null) return giveUp(subject, { code: 'tool_facts_too_large' })
      facts = (await untilStored(() => keepFound(database, key, { facts: value }))).facts
    }
    const { verdict, terms } = applyPolicy(
      planned,
      {
        arguments: inlineInHistory(args),
        ...(call.firstTime !== null && { firstTime: call.firstTime }),
        ...(facts && { facts: factsOfRules(planned, facts) }),
      },
      [],
    )
    if (planned.facts && input.decision === undefined)
      await untilStored(() => keepVerdict(database, key, { verdict, terms }))
    let approvers = known?.approvers ?? null
    const isAsked = verdict === 'ask' || input.ask === true || input.decision !== undefined
    if (planned.approvers && isAsked && approvers === null) {
      const given = { facts: facts ?? {} }
      const looked = await tried(subject, async (signal) =>
        readApprovers(await tool.approvers?.(args, { ...contextOf(subject, signal), ...given })),
      )
      if ('code' in looked) return giveUp(subject, looked)
      const { value } = looked
      approvers = (await untilStored(() => keepFound(database, key, { approvers: value }))).approvers
    }
    return { found: foundOf(planned, args, { facts, approvers }) }
  }

  async function tried<T>(
    { key, planned }: Subject,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<{ readonly value: T } | LookUpFailure> {
    const { run, step, index } = key
    const about = { ...runFields(run), step, index, tool: planned.name, attempt: activityInfo().attempt }
    const look = (): Promise<Tried<T>> =>
      tryTool(work, { activity: 'lookUpCall', timeoutMs: planned.timeoutMs, about }, deps)
    const came = await tryLookUp(database, key, planned, look)
    if (came === 'no_tries_left') return { code: 'tool_look_up_failed' }
    return 'refusal' in came ? { code: came.refusal.code, text: came.refusal.message } : came
  }

  function contextOf({ key: { run }, caller }: Subject, signal: AbortSignal) {
    return {
      caller,
      runId: run.runId,
      db: toAppDatabase(database.everyTenant),
      ...outside,
      signal,
      logger: (deps.appLogger ?? logger).child(runFields(run)),
    }
  }

  /** Tells the model why the call is not made. For an edit only its author is told: the call still waits for a decision. */
  async function giveUp({ input, key, call }: Subject, { code, text }: LookUpFailure): Promise<CallLookUp> {
    const { run, step, index } = key
    if (input.decision !== undefined) {
      // The same edit may be sent again, and is then looked up with all tries.
      await untilStored(() => forgetTries(database, key))
      return { failed: 'edit_not_looked_up' }
    }
    const { callId, tool, resultSeq: seq } = call
    if (seq === null) throw new Forged('not_requested')
    const message = errorMessage({ callId, tool }, code, text)
    const notes = [{ seq, index, message, code, rule: null }]
    await untilStored(() => noteToolResults(database, { run, step, notes }))
    return { failed: code }
  }

  /** @throws ApplicationFailure where this build has no such tool, or one that looks up less than the plan says */
  function requireTool({ name, facts, approvers }: PlannedTool): Tool {
    const tool = app.tool(name)
    if (tool === null || (facts && !tool.facts) || (approvers && !tool.approvers))
      throw failure('lookUpCall', 'agent_unknown')
    return tool
  }
}
