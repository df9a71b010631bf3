import type { Decision } from '../../client/index.ts'
import type { ApiOptions } from '../api/api-command.ts'
import { useApi } from '../api/use-api.ts'
import { say, sayJson } from '../output.ts'

interface DecideOptions extends ApiOptions, Pick<Decision, 'message' | 'comment'> {
  readonly sha256?: string
  readonly edited: object | undefined
}

const NAMES = {
  '/arguments_sha256': '--sha256',
  '/arguments': '--arguments',
  '/message': '--message',
  '/comment': '--comment',
} as const

/** Decides an approval: as the person was shown it where the hash of that is given, and otherwise as it is now. */
export async function decideApproval(
  id: string,
  decision: Decision['decision'],
  { sha256, edited, message, comment, ...options }: DecideOptions,
): Promise<void> {
  const decided = await useApi({ ...options, names: NAMES }, async ({ approvals }) => {
    const hash = sha256 ?? (await approvals.get(id)).arguments_sha256
    return approvals.decide(
      { id, arguments_sha256: hash },
      {
        decision,
        ...(edited && { arguments: edited as NonNullable<Decision['arguments']> }),
        ...(message !== undefined && { message }),
        ...(comment !== undefined && { comment }),
      },
    )
  })
  if (options.json) sayJson(decided)
  else say(`Approval ${id} of ${decided.tool} is ${decided.status}.`)
}
