import { z } from 'zod'
import { KEY_LIMITS } from '../../policies/api-keys.ts'
import { keyName, principalName } from './key.schema.ts'

/** Members of a body that is sent in somebody else's name. */
export const actedFor = {
  principal: principalName
    .optional()
    .describe(
      'The person in whose name this is sent, in place of the caller. It takes the scope `principals:act`.',
    ),
  groups: z
    .array(keyName)
    .max(KEY_LIMITS.groups)
    .optional()
    .describe("That person's groups. Each has to be one of the caller's own."),
}

/** The check below, for the OpenAPI document. */
export const GROUPS_NEED_PRINCIPAL = { dependentRequired: { groups: ['principal'] } }

interface Checked {
  readonly value: { readonly principal?: string | undefined; readonly groups?: readonly string[] | undefined }
  readonly issues: z.core.$ZodRawIssue[]
}

export function groupsNeedPrincipal({ value: { principal, groups }, issues }: Checked): void {
  if (groups === undefined || principal !== undefined) return
  issues.push({
    code: 'custom',
    path: ['groups'],
    message: 'Only together with `principal`.',
    input: groups,
  })
}
