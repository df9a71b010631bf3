import type { Approvers } from '../../../../src/contracts/approvals/approval.ts'
import { applyPolicy } from '../../../../src/contracts/approvals/approval-policy.ts'
import type { JsonObject } from '../../../../src/contracts/json.ts'
import type { RunPlan } from '../../../../src/contracts/runs/plan.ts'
import { type FoundOfCall, needsLookUp } from '../../../../src/contracts/tools/look-up.ts'
import { findCall } from '../../../../src/workflows/state/approvals/check-decision.ts'
import type { Command } from '../../../../src/workflows/state/command.ts'
import type { Occurrence } from '../../../../src/workflows/state/occurrence.ts'
import type { RunState } from '../../../../src/workflows/state/run-state.ts'
import type { CallState } from '../../../../src/workflows/state/tools/call-state.ts'
import { toolOf } from '../ledger/team.ts'
import type { Random } from '../random.ts'
import type { InFlight } from './in-flight.ts'
import type { World } from './world.ts'

type LookUpCall = Extract<Command, { type: 'look_up_call' }>

/** A look-up ends: something is found, or the model was told that nothing came of it, or nobody could look at all. */
export function advanceLookUp(
  { plan, world, state }: { readonly plan: RunPlan; readonly world: World; readonly state: RunState },
  { stopped }: InFlight,
  { input: { index, ask } }: LookUpCall,
): Occurrence {
  const { lookUps: random } = world
  if (stopped && random.chance(0.7)) return { type: 'tool_stopped', index }
  if (random.chance(0.05)) return { type: 'look_up_failed', index }
  const call = state.calls.find((one) => one.index === index)
  if (call === undefined || random.chance(0.1)) return { type: 'call_looked_up', index, found: null }
  const found = lookUp(plan, world, { ...call, step: state.step, ask: ask === true })
  return { type: 'call_looked_up', index, found }
}

/** What is known of a call as an edit would have it; null where nothing has to be, `failed` where it can't be found out. */
export function lookUpEdit(
  plan: RunPlan,
  world: World,
  state: RunState,
  edit: { readonly approvalId: string; readonly arguments?: JsonObject; readonly editedSha256?: string },
): FoundOfCall | 'failed' | null {
  const call = findCall(state, edit.approvalId)
  if (call === undefined || !needsLookUp(toolOf(plan, call.tool))) return null
  if (world.lookUps.chance(0.1)) return 'failed'
  return lookUp(plan, world, {
    ...call,
    arguments: edit.arguments ?? {},
    argumentsSha256: edit.editedSha256 ?? '',
    step: state.step,
    ask: true,
  })
}

interface Subject extends Pick<CallState, 'index' | 'tool' | 'arguments' | 'argumentsSha256' | 'firstTime'> {
  readonly step: number
  /** A person is asked, whatever the rules say. */
  readonly ask: boolean
}

function lookUp(plan: RunPlan, world: World, subject: Subject): FoundOfCall {
  const { lookUps: random } = world
  const { step, index, argumentsSha256, ask } = subject
  const tool = toolOf(plan, subject.tool)
  const key = `${step}/${index}/${argumentsSha256}`
  const known = world.lookedUp.get(key)
  const facts = tool.facts ? (known?.facts ?? randomFacts(random)) : null
  const { verdict } = applyPolicy(tool, { ...subject, ...(tool.facts && { facts }) }, [])
  const isAsked = ask || verdict === 'ask'
  const approvers =
    tool.approvers && isAsked ? (known?.approvers ?? randomApprovers(random)) : known?.approvers
  const found = { facts, ...(approvers && { approvers }) }
  world.lookedUp.set(key, found)
  const decisionSha256 = tool.facts ? `${argumentsSha256} and ${JSON.stringify(facts)}` : argumentsSha256
  return { ...found, decisionSha256 }
}

/** Now and then one is missing, or not of the type that a rule looks at. */
function randomFacts(random: Random): JsonObject {
  if (random.chance(0.1)) return {}
  const eur = random.chance(0.1) ? 'dear' : random.below(120)
  return { eur, site: random.pick(['a.ours', 'b.theirs']) }
}

function randomApprovers(random: Random): Approvers {
  return random.pick([
    { principals: ['bob'], groups: [] },
    { principals: ['ann', 'dan'], groups: [] },
    { principals: [], groups: ['managers'] },
    { principals: ['eve'], groups: ['board'] },
    { principals: [], groups: [] },
  ])
}
