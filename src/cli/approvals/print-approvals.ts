import type { Approval } from '../../client/index.ts'
import type { ApiOptions } from '../api/api-command.ts'
import { useApi } from '../api/use-api.ts'
import { say, sayFields, sayJson, sayTable, sayWords, second } from '../output.ts'

interface ListOptions extends ApiOptions {
  readonly status: Approval['status'] | 'all'
  readonly mine?: boolean
  readonly run?: string
}

/** Prints approvals, over as many pages as it takes. */
export async function listApprovals({ status, mine, run, ...options }: ListOptions): Promise<void> {
  const query = {
    ...(status !== 'all' && { status }),
    ...(mine && { decidable: 'true' as const }),
    ...(run !== undefined && { run_id: run }),
  }
  const found: Approval[] = []
  await useApi(options, async (client) => {
    for await (const approval of client.all('GET /v1/approvals', { query })) found.push(approval)
  })
  if (options.json) found.forEach(sayJson)
  else
    sayTable(
      ['id', 'tool', 'agent', 'for', 'may decide', 'status', 'expires'],
      found.map(rowOf),
      'Nothing waits.',
    )
}

function rowOf(approval: Approval): string[] {
  const { id, tool, agent, requester, status, expires_at } = approval
  return [id, tool, agent, requester, whoDecides(approval), status, second(expires_at)]
}

function whoDecides({ approvers: { principals, groups } }: Approval): string {
  return [...principals, ...groups.map((group) => `${group} (group)`)].join(', ') || 'everybody'
}

/** Prints one approval, with the arguments of its call. */
export async function showApproval(id: string, options: ApiOptions): Promise<void> {
  const approval = await useApi(options, ({ approvals }) => approvals.get(id))
  if (options.json) {
    sayJson(approval)
    return
  }
  const { quorum, votes } = approval
  sayFields({
    approval: approval.id,
    run: approval.run_id,
    agent: approval.agent,
    for: approval.requester,
    tool: `${approval.tool} (${approval.effect})`,
    'asked by': `${approval.reason}, rule ${approval.rule}`,
    status: approval.status,
    'may decide': whoDecides(approval),
    takes: quorum.required === 1 ? null : `${quorum.required} people`,
    votes: votes.length === 0 ? null : votes.map(({ by, decision }) => `${by}: ${decision}`).join(', '),
    allowed: approval.allowed_decisions.join(', '),
    expires: second(approval.expires_at),
    sha256: approval.arguments_sha256,
  })
  say('\narguments')
  sayWords(JSON.stringify(approval.arguments, null, 2))
  if (approval.facts === undefined) return
  say('facts')
  sayWords(JSON.stringify(approval.facts, null, 2))
}
