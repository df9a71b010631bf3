import { z } from 'zod'
import { REQUEST_LIMITS } from '../../policies/api.ts'

/** Full IANA names only. `+02:00` is east of UTC in some libraries and west in others; "IST" is India's time or Israel's. */
export const timeZone = z
  .string()
  .max(REQUEST_LIMITS.timeZoneCharacters)
  .regex(/^(UTC|[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)+)$/)
  .refine(isTimeZone, 'Must be the name of a time zone, such as Europe/Berlin.')
  .describe('IANA name. Where its days, and so its budgets and its usage, begin and end.')

export const tenantBody = z
  .strictObject({ time_zone: timeZone })
  .meta({ id: 'NewTenant', examples: [{ time_zone: 'Europe/Berlin' }] })

export const tenant = z
  .strictObject({
    object: z.literal('tenant'),
    id: z.string(),
    status: z
      .enum(['active', 'suspended'])
      .describe('`suspended`: the operator has seen to it that nothing is started or changed for now.'),
    time_zone: z.string(),
  })
  .meta({ id: 'Tenant' })
export type Tenant = z.output<typeof tenant>

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
