import { randomUUID } from 'node:crypto'
import { activityInfo, cancellationSignal } from '@temporalio/activity'
import type { ApplicationFailure } from '@temporalio/common'
import type { ErrorCode } from '../../contracts/error-codes.ts'
import { callingAgent } from '../../contracts/runs/agents-of-plan.ts'
import type { RunPlan } from '../../contracts/runs/plan.ts'
import type { RunToolInput, ToolOutcome } from '../../contracts/tools/tool-call.ts'
import { TRIES, waitAfter } from '../../policies/activities.ts'
import { canonicalSha256 } from '../../security/canonical-sha256.ts'
import { claimToolCall } from '../../store/tools/claim-tool-call.ts'
import { findToolCall } from '../../store/tools/find-tool-call.ts'
import type { HandedBy } from '../../store/tools/handed-by.ts'
import { storeToolResult } from '../../store/tools/store-tool-result.ts'
import { countBegun, countFailed } from '../../store/tools/tool-tries.ts'
import { runFields, toFactRun } from '../../telemetry/fact-run.ts'
import type { FactOf, Took } from '../../telemetry/facts.ts'
import { callerOf } from '../caller-of.ts'
import { isStoppedByRun, isWorkerShutdown } from '../cancellation.ts'
import type { Dependencies } from '../dependencies.ts'
import { failure } from '../failure.ts'
import { createMemoryTools } from '../memory/memory-tools.ts'
import type { AcceptedRun } from '../runs/accepted-runs.ts'
import { Forged } from '../runs/forged.ts'
import { startWatch } from '../stopwatch.ts'
import { errorMessage } from '../tool-message.ts'
import { untilStored } from '../until-stored.ts'
import { withHeartbeat } from '../with-heartbeat.ts'
import { authoriseCall } from './authorise-call.ts'
import { makeToolCall, type ToolAnswer } from './make-tool-call.ts'
import type { ToolFault } from './try-tool.ts'

/**
 * Makes a tool call that takes effect at most once. A call that changes something is claimed before it is made. An attempt that finds
 * the claim taken makes the call again only where the tool carries out a repeated key once; otherwise it reports that the outcome is
 * unknown. Tries are counted in the store, and a failure of our own side uses up none of them.
 */
export function createRunTool(deps: Dependencies) {
  const { database, app, logger, telemetry } = deps
  const builtIn = createMemoryTools(deps)

  return function runTool(input: RunToolInput, { plan }: AcceptedRun): Promise<ToolOutcome> {
    return activityInfo().isLocal ? attemptCall(input, plan) : withHeartbeat(() => attemptCall(input, plan))
  }

  async function attemptCall(input: RunToolInput, plan: RunPlan | null): Promise<ToolOutcome> {
    const { run, step, index } = input
    const { name, attempts = TRIES.tool.most, timeoutMs = TRIES.tool.timeoutMs } = input.tool
    const tool = app.tool(name)
    const handler = tool?.builtIn === undefined ? tool?.execute : builtIn[tool.builtIn](input, plan)
    if (handler === undefined) {
      logger.warn({ ...runFields(run), step, missing: [name] }, 'left to a worker that knows them')
      throw failure('runTool', 'agent_unknown')
    }
    const call = await authoriseCall(database, plan, input)
    if (call === null || canonicalSha256(call.arguments) !== input.argumentsSha256) {
      throw failure('runTool', 'tool_arguments_mismatch')
    }

    const watch = startWatch()
    const begun = await begin(input)
    if (begun === 'ended_unseen') return finish(unknownOutcome(input))
    if (begun !== 'begun') return begun
    const made = { ...call, caller: callerOf(run, plan) }
    const came = await makeToolCall(handler, input, made, timeoutMs, deps).catch(async (error: unknown) => {
      const took = watch.read()
      // An attempt that ends for another reason leaves the call to the next one, which tells what became of it.
      if (isStoppedByRun(error)) tell('stopped', await handedByOf(input), took, 'tool_cancelled')
      throw error
    })
    if ('outcome' in came) return finish(came)
    const after = await tryFailed(input, came, attempts)
    if ('outcome' in after) return finish(after)
    tell('retried', after.handedBy, watch.read(), came.fault)
    throw after.retry

    async function finish({ message, outcome }: ToolAnswer): Promise<ToolOutcome> {
      const { again, seq, argumentsSha256 } = input
      const { attempt } = activityInfo()
      const took = watch.read()
      const latencyMs = took.durationMs
      const result = { run, step, index, again, seq, attempt, message, argumentsSha256, outcome, latencyMs }
      const stored = await untilStored(() => storeToolResult(database, result))
      if (stored === 'not_authorised') throw new Forged('not_requested')
      tell(outcome.status, stored.handedBy, took, outcome.code)
      return stored.outcome
    }

    function tell(
      outcome: FactOf<'tool.attempted'>['outcome'],
      handedBy: string | null,
      took: Took,
      code?: ErrorCode,
    ): void {
      const { again, callId } = input
      const { effect } = input.tool
      const { attempt, isLocal } = activityInfo()
      const about = { run: toFactRun(run), agent: callingAgent(plan, handedBy), step, index, again, callId }
      const result = { outcome, ...(code !== undefined && { code }), ...took }
      telemetry.record({ type: 'tool.attempted', ...about, attempt, isLocal, tool: name, effect, ...result })
    }
  }

  /** Whether this attempt is to make the call; or the outcome, where the call has one already. */
  async function begin(input: RunToolInput): Promise<'begun' | 'ended_unseen' | ToolOutcome> {
    const { callId } = input
    const { name, effect, idempotency } = input.tool
    const { attempt, isLocal } = activityInfo()
    // A read changes nothing when it is repeated, so it needs no claim.
    if (effect === 'read') {
      return attempt === 1 || isLocal ? 'begun' : beginAgain(input)
    }
    // A claim whose answer was lost is repeated under the same claimant: only this attempt knows that it has not made the call yet.
    const claimed = { ...input, tool: name, effect, attempt, callId, claimant: randomUUID() }
    const claim = await untilStored(() => claimToolCall(database, claimed))
    if (claim.state === 'not_authorised') throw new Forged('not_requested')
    if (claim.state === 'claimed') {
      // A person may have stopped the call while the store was away.
      if (!isWorkerShutdown(cancellationSignal())) cancellationSignal().throwIfAborted()
      return 'begun'
    }
    if (claim.state === 'done') return claim.outcome
    if (idempotency !== 'none') return beginAgain(input)
    logLost(input, 1)
    return 'ended_unseen'
  }

  /** Begins another try under the same key. The number of lost tries is limited, since the call itself may be what kills its workers. */
  async function beginAgain(input: RunToolInput): Promise<'begun' | 'ended_unseen'> {
    const { begun, failed } = await countBegun(database, input)
    // The first try of a read is not counted as begun.
    const before = input.tool.effect === 'read' ? begun : begun - 1
    const lost = before - failed
    if (lost > 0) logLost(input, lost)
    return begun - failed > TRIES.tool.mostLost ? 'ended_unseen' : 'begun'
  }

  /** For a call that ends without a statement; null, too, where the store does not answer. */
  function handedByOf(input: RunToolInput): Promise<string | null> {
    return findToolCall(database, input).then(
      (call) => call?.handedBy ?? null,
      () => null,
    )
  }

  /** Nobody else tells of an attempt whose worker has died. */
  function logLost({ run, step, callId, tool }: RunToolInput, lost: number): void {
    const { attempt } = activityInfo()
    const about = { ...runFields(run), step, tool: tool.name, callId, attempt, lost }
    logger.warn(about, 'a tool call was lost with its worker')
  }

  /** @returns what the run is given in place of a result, or the failure for Temporal while the tool has tries left */
  async function tryFailed(
    input: RunToolInput,
    { fault }: ToolFault,
    attempts: number,
  ): Promise<ToolAnswer | ({ readonly retry: ApplicationFailure } & HandedBy)> {
    const { effect, idempotency } = input.tool
    if (effect !== 'read' && idempotency === 'none') return unknownOutcome(input)
    const { failed, handedBy } = await untilStored(() => countFailed(database, input))
    if (failed < attempts) {
      return { retry: failure('runTool', fault, { retryAfterMs: waitAfter(failed, TRIES.tool) }), handedBy }
    }
    return effect === 'read' ? noAnswer(input, fault) : unknownOutcome(input)
  }
}

/** The outcome of a call that may have changed something: a person decides what the model is shown. */
function unknownOutcome(input: RunToolInput): ToolAnswer {
  if (input.tool.effect === 'read') return noAnswer(input, 'tool_failed')
  const { callId, tool } = input
  return {
    message: errorMessage({ callId, tool: tool.name }, 'tool_outcome_unknown'),
    outcome: { status: 'outcome_unknown', code: 'tool_outcome_unknown', preview: '' },
  }
}

function noAnswer({ callId, tool }: RunToolInput, code: ToolFault['fault']): ToolAnswer {
  const message = errorMessage({ callId, tool: tool.name }, code)
  return { message, outcome: { status: 'failed', code, preview: '' } }
}
