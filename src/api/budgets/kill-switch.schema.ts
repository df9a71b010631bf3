import { z } from 'zod'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import { pageOf } from '../http/paging/paging.schema.ts'
import { text } from '../http/requests/text.schema.ts'

const scope = z.enum(['tenant', 'agent'])

export const killSwitchParams = z.strictObject({
  scope: scope.describe('Whose calls stop.'),
  subject: text(REQUEST_LIMITS.agentCharacters).min(1).describe('Name of the agent; `-` for the tenant.'),
})

export const killSwitchBody = z
  .strictObject({ reason: text(REQUEST_LIMITS.reasonCharacters).min(1).describe('For the record.') })
  .meta({ id: 'NewKillSwitch', examples: [{ reason: 'It pays what nobody has asked for.' }] })

export const killSwitch = z
  .strictObject({
    object: z.literal('kill_switch'),
    scope,
    subject: z.string(),
    by: z.string(),
    reason: z.string(),
    at: z.iso.datetime(),
  })
  .meta({ id: 'KillSwitch' })
export type KillSwitchResource = z.output<typeof killSwitch>

export const killSwitchPage = pageOf(killSwitch).meta({ id: 'KillSwitchPage' })
