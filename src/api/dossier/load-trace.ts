import type { EventType, RunEvent } from '../../contracts/events/event.ts'
import { hopsOf } from '../../contracts/models/chains.ts'
import type { HedgedWith } from '../../contracts/models/model-call.ts'
import { plannedAgent } from '../../contracts/runs/read-plan.ts'
import { DOSSIER } from '../../policies/operations/dossier.ts'
import type { Database } from '../../store/database/database.ts'
import { listEventsBetween, listHandoffs } from '../../store/dossier/list-events-between.ts'
import { hasExchanges, listExchanges } from '../../store/dossier/list-exchanges.ts'
import { listAnswers, listAttempts, listCacheLookUps } from '../../store/dossier/list-model-calls.ts'
import { listSaid } from '../../store/dossier/list-said.ts'
import { type BegunStep, listSteps } from '../../store/dossier/list-steps.ts'
import {
  type ChildRunRow,
  listApprovalsOfSteps,
  listChildren,
  listToolCalls,
} from '../../store/dossier/list-tool-calls.ts'
import type { RunRow } from '../../store/record/run-row.ts'
import { toEventResource } from '../events/to-event-resource.ts'
import { toRunResource } from '../runs/to-run-resource.ts'
import type { WorkflowLink } from '../runs/workflow-link.ts'
import { loadExchangeTexts } from './load-exchange-texts.ts'
import { skippedHopsOf } from './skipped-hops.ts'
import { toModelCalls } from './to-model-calls.ts'
import { toToolCalls } from './to-tool-calls.ts'
import type { StepResource, TraceResource } from './trace.schema.ts'

export interface TraceSource {
  readonly database: Database
  readonly linkTo: WorkflowLink
  /** A sub-agent's run; null where the caller may not read it: who decides about a run may not see all that works for it. */
  readonly findReadable: (runId: string) => Promise<RunRow | null>
}

export interface TraceWanted {
  /** This step alone, with bodies. */
  readonly step?: number
  readonly after?: number
  readonly limit: number
  readonly depth: number
}

/** What answers one request, nested dossiers included, may still have of large things. */
interface Room {
  bytes: number
}

/** Told by the calls themselves. */
const OF_CALLS: readonly EventType[] = [
  'model.completed',
  'tool.started',
  'tool.completed',
  'tool.failed',
  'approval.requested',
  'approval.voted',
  'approval.decided',
]

/**
 * A page of a run's dossier, from the store alone: a few statements, however many steps it has. What is large is bounded: the page ends
 * with the step at which what tools were given and have given comes to `DOSSIER.pageBytes`, and bodies of exchanges are there for a single
 * step only. null where the run has no such step.
 */
export async function loadTrace(
  source: TraceSource,
  run: RunRow,
  wanted: TraceWanted,
): Promise<TraceResource | null> {
  return load(source, run, wanted, { bytes: DOSSIER.pageBytes })
}

async function load(
  source: TraceSource,
  run: RunRow,
  wanted: TraceWanted,
  room: Room,
): Promise<TraceResource | null> {
  const { database, linkTo } = source
  const of = { tenant: run.tenant, runId: run.id }
  const { step: single } = wanted
  const after = single === undefined ? (wanted.after ?? 0) : single - 1
  const limit = single === undefined ? wanted.limit : 1
  const begun = await listSteps(database, { ...of, after, limit: limit + 1 })
  if (single !== undefined && begun[0]?.step !== single) return null
  const steps = withinRoom(begun.slice(0, limit), room)
  const following = begun[steps.length]
  const [first, last] = [steps[0], steps.at(-1)]
  const isFirstPage = after === 0 && single === undefined
  const events = await listEventsBetween(database, {
    ...of,
    from: isFirstPage ? null : (first?.beganAt ?? null),
    before: following?.beganAt ?? null,
  })
  const said = await listSaid(database, { ...of, hasInput: isFirstPage, seqs: events.flatMap(receivedSeq) })
  const hasMore = single === undefined && following !== undefined
  return {
    object: 'run_trace',
    run: toRunResource(run, linkTo),
    said: [...said],
    events: events
      .filter((event) => first === undefined || event.at < first.beganAt)
      .filter((event) => !isOfCall(event, steps))
      .map(toEventResource),
    steps:
      first === undefined || last === undefined
        ? []
        : await toSteps(source, run, { steps, events, wanted, room, first: first.step, last: last.step }),
    has_more: hasMore,
    next: hasMore && last !== undefined ? String(last.step) : null,
  }
}

/** The steps that fit, at least one; they are taken from the room. */
function withinRoom(steps: readonly BegunStep[], room: Room): readonly BegunStep[] {
  const fitting = steps.findIndex(({ bytes }, at) => {
    const fits = at === 0 || room.bytes > 0
    if (fits) room.bytes -= bytes
    return !fits
  })
  return fitting < 0 ? steps : steps.slice(0, fitting)
}

interface PageOfSteps {
  readonly steps: readonly BegunStep[]
  readonly events: readonly RunEvent[]
  readonly wanted: TraceWanted
  readonly room: Room
  readonly first: number
  readonly last: number
}

async function toSteps(source: TraceSource, run: RunRow, page: PageOfSteps): Promise<StepResource[]> {
  const { database } = source
  const { steps, events, wanted, first, last } = page
  const range = { tenant: run.tenant, runId: run.id, first, last }
  const [attempts, answers, lookUps, exchanges, calls, approvals, children, handoffs] = await Promise.all([
    listAttempts(database, range),
    listAnswers(database, range),
    listCacheLookUps(database, range),
    listExchanges(database, range),
    listToolCalls(database, range),
    listApprovalsOfSteps(database, range),
    listChildren(database, range),
    listHandoffs(database, range),
  ])
  const texts = await loadExchangeTexts(database, range, exchanges, wanted.step !== undefined)
  const isKept = exchanges.length > 0 || (await hasExchanges(database, range))
  const nested = await loadNested(source, children, page)
  return steps.map(({ step, beganAt }, at) => {
    const ofStep = <T extends { readonly step: number }>(rows: readonly T[]) =>
      rows.filter((row) => row.step === step)
    const next = steps[at + 1]
    const agent = handoffs.findLast((handoff) => handoff.step < step)?.to ?? run.agent
    const planned = plannedAgent(run.plan, agent)
    return {
      step,
      agent,
      began_at: beganAt,
      href: `/v1/runs/${run.id}/trace?step=${step}`,
      model_calls: toModelCalls({
        attempts: ofStep(attempts),
        answers: ofStep(answers),
        lookUps: ofStep(lookUps),
        skipped: skippedHopsOf(step, events, { attempts: ofStep(attempts), lookUps: ofStep(lookUps) }),
        exchanges: ofStep(exchanges),
        texts,
        hedges: hedgesOf(step, events),
        providerAt: (hop) => (planned && hopsOf(planned)[hop]?.provider) ?? 'unknown',
        isKept,
      }),
      tool_calls: toToolCalls({
        calls: ofStep(calls),
        approvals: ofStep(approvals),
        children: ofStep(children),
        nested,
      }),
      events: events
        .filter((event) => event.at >= beganAt && !(next && event.at >= next.beganAt))
        .filter((event) => !isOfCall(event, steps))
        .map(toEventResource),
    }
  })
}

/** Whether the calls tell of it. A step that no model was asked in has not begun: nothing else tells which models it has gone past. */
function isOfCall({ type, data }: RunEvent, steps: readonly BegunStep[]): boolean {
  if (type === 'model.failed') return steps.some(({ step }) => step === data['step'])
  return OF_CALLS.includes(type)
}

/** Place in the transcript of a message that an event tells of. */
function receivedSeq({ type, data }: RunEvent): number[] {
  return type === 'message.received' ? [Number(data['message_seq'])] : []
}

/** By the hop that has answered in the step. */
function hedgesOf(step: number, events: readonly RunEvent[]): ReadonlyMap<number, HedgedWith> {
  return new Map(
    events.flatMap(({ type, data }) => {
      const { hop, hedge } = data as { readonly hop?: number; readonly hedge?: HedgedWith }
      const isOfStep = type === 'model.completed' && data['step'] === step
      return isOfStep && hop !== undefined && hedge !== undefined ? [[hop, hedge] as const] : []
    }),
  )
}

/** First pages of the sub-agents' dossiers, one after the other, until the room is used up. */
async function loadNested(
  source: TraceSource,
  children: readonly ChildRunRow[],
  { wanted, room }: PageOfSteps,
): Promise<ReadonlyMap<string, TraceResource>> {
  const nested = new Map<string, TraceResource>()
  if (wanted.depth === 0) return nested
  for (const { runId } of children) {
    if (room.bytes <= 0) break
    const child = await source.findReadable(runId)
    if (child === null) continue
    // A room of its own: what it takes there is part of the dossier's size, which is taken from this one as a whole.
    const { limit, depth } = wanted
    const trace = await load(source, child, { limit, depth: depth - 1 }, { ...room })
    if (trace === null) continue
    room.bytes -= Buffer.byteLength(JSON.stringify(trace))
    nested.set(runId, trace)
  }
  return nested
}
