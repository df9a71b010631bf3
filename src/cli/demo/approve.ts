import type { Approval } from '../../client/generated.ts'
import { HoldfastError } from '../../client/index.ts'
import type { Grant } from '../../contracts/access/api-key.ts'
import { visible } from '../../contracts/operator-text.ts'
import { clientOf, type DemoApi } from './demo-api.ts'

/** A person in whose name the demonstration decides, besides the one that started the run. */
interface Approver {
  readonly principal: string
  readonly groups: readonly string[]
}

const SCOPES: Grant[] = ['approvals:decide']

/** An approver's key is revoked after its decision. Should the demonstration die before that, the key expires. */
const KEY_LIFETIME_MS = 600_000

/**
 * Approves a call of the run that the demonstration has started. Where the run's own principal may not decide, or is not enough, the
 * local stack's admin key makes a key for each further person who may. For another API the demonstration has one key only, so it prints
 * whom the run waits for.
 */
export async function approve(api: DemoApi, id: string, say: (text: string) => void): Promise<void> {
  let approval = await clientOf(api).approvals.get(id)
  say(
    `approval   ${approval.tool} is ${approval.effect}, and the rule "${approval.rule}" wants a person to look:`,
  )
  say(`           ${visible(JSON.stringify(approval.arguments))}`)
  for (const approver of approversOf(approval, api)) {
    if (approver !== 'requester')
      say(`           decides as ${visible(nameOf(approver))}, with a key of its own`)
    const decided =
      approver === 'requester' ? await decide(api, approval) : await decideAs(api, approver, approval)
    if (decided === null) continue
    if (!needsMoreVotes(decided, approval)) return
    approval = decided
  }
  say(`           ${whomItWaitsFor(approval, api)}`)
}

/** Who can be asked in turn: the requester, whose key the demonstration has, then people whose keys the local stack can make. */
function approversOf(approval: Approval, api: DemoApi): readonly ('requester' | Approver)[] {
  const { approvers, quorum, requester, votes } = approval
  const { principals, groups } = approvers
  const takesAnybody = principals.length + groups.length === 0
  // The groups of a key for another API are unknown, so it is tried.
  const triesRequester = takesAnybody || principals.includes(requester) || !api.isLocalStack
  const named = principals.map((principal) => ({ principal, groups: [] }))
  const members = Array.from(
    { length: takesAnybody || groups.length > 0 ? quorum.required : 0 },
    (_, index) => ({
      principal: `demo-approver-${index + 1}`,
      groups,
    }),
  )
  const known = [requester, ...votes.map(({ by }) => by)]
  return [
    ...(triesRequester && !quorum.exclude_requester ? (['requester'] as const) : []),
    ...(api.isLocalStack && api.key !== null ? [...named, ...members] : []).filter(
      ({ principal }) => !known.includes(principal),
    ),
  ]
}

/** A decision that no worker has taken in yet is on its way: it shows no vote, and needs no further one. */
function needsMoreVotes(now: Approval, before: Approval): boolean {
  return now.status === 'pending' && now.votes.length > before.votes.length
}

/** Approves with this API's key; null where the key's principal may not decide. @throws HoldfastError for any other refusal */
async function decide(api: DemoApi, approval: Approval): Promise<Approval | null> {
  try {
    return await clientOf(api).approvals.decide(approval, { decision: 'approve', comment: 'holdfast demo' })
  } catch (error) {
    if (error instanceof HoldfastError && error.code === 'not_an_approver') return null
    throw error
  }
}

async function decideAs(
  api: DemoApi,
  { principal, groups }: Approver,
  approval: Approval,
): Promise<Approval | null> {
  const { request } = clientOf(api)
  const expires_at = new Date(Date.now() + KEY_LIFETIME_MS).toISOString()
  const body = { principal, groups: [...groups], scopes: SCOPES, expires_at }
  const { id, key } = await request('POST /v1/keys', { body })
  try {
    return await decide({ ...api, key }, approval)
  } finally {
    await request('DELETE /v1/keys/{id}', { path: { id } })
  }
}

function nameOf({ principal, groups }: Approver): string {
  return groups.length === 0 ? principal : `${principal} (${groups.join(', ')})`
}

function whomItWaitsFor({ id, approvers, quorum, requester, votes }: Approval, api: DemoApi): string {
  const names = [...approvers.principals, ...approvers.groups.map((group) => `the group ${group}`)]
  const missing = quorum.required - votes.length
  return [
    `waits for ${missing === 1 ? 'one person' : `${missing} people`}`,
    names.length === 0 ? '' : ` out of ${names.map(visible).join(', ')}`,
    quorum.exclude_requester ? `, and not ${visible(requester)}, whose run it is` : '',
    `. Decide ${id} with ${missing === 1 ? 'a key' : 'keys'} of theirs`,
    api.key === null ? ', which takes a stack without HOLDFAST_AUTH=none' : '',
    '; the run goes on then. Ctrl-C ends the demonstration and leaves the run as it is.',
  ].join('')
}
