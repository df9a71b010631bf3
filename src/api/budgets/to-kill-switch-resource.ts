import type { KillSwitch } from '../../store/budgets/kill-switches.ts'
import type { KillSwitchResource } from './kill-switch.schema.ts'

export function toKillSwitchResource({ scope, subject, by, reason, at }: KillSwitch): KillSwitchResource {
  return { object: 'kill_switch', scope, subject, by, reason, at }
}
