export { type BeginModelCall, type BegunModelCall, beginModelCall } from './begin-model-call.ts'
export { settleAttempt } from './settle-attempt.ts'
export type { SettleAttempt } from './settlement.ts'
export { type StoreModelCall, storeModelCall } from './store-model-call.ts'
