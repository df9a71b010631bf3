import { z } from 'zod'
import { KEY_LIMITS } from '../../policies/api-keys.ts'
import { keyName, principalName, toolScope } from './key.schema.ts'

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

/** The same for what starts a run, whose tools demand scopes. */
export const actsFor = {
  ...actedFor,
  scopes: z
    .array(toolScope)
    .max(KEY_LIMITS.scopes)
    .optional()
    .describe("That person's scopes for tools, `tools:…`. The caller has to have each of them."),
}

/** The check below, for the OpenAPI document. */
export const GROUPS_NEED_PRINCIPAL = { dependentRequired: { groups: ['principal'] } }
export const RIGHTS_NEED_PRINCIPAL = { dependentRequired: { groups: ['principal'], scopes: ['principal'] } }

interface Checked {
  readonly value: {
    readonly principal?: string | undefined
    readonly groups?: readonly string[] | undefined
    readonly scopes?: readonly string[] | undefined
  }
  readonly issues: z.core.$ZodRawIssue[]
}

/** What a person has is said only of a person who is named. */
export function rightsNeedPrincipal({ value: { principal, groups, scopes }, issues }: Checked): void {
  if (principal !== undefined) return
  for (const [name, input] of Object.entries({ groups, scopes })) {
    if (input === undefined) continue
    issues.push({ code: 'custom', path: [name], message: 'Only together with `principal`.', input })
  }
}
