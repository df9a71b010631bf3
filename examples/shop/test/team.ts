import { shopPlan } from '../../../test/support/shop.ts'

const { specialists = {}, ...support } = shopPlan('support')

/** Every agent of the shop, as a run that starts now has it. */
export const TEAM = [shopPlan('assistant'), shopPlan('research'), support, ...Object.values(specialists)]
