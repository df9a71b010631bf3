export { findStoredCall, type StoredCall } from './authorised-call.ts'
export { type ClaimToolCall, claimToolCall } from './claim-tool-call.ts'
export { type StoreToolResult, storeToolResult } from './store-tool-result.ts'
export { countBegun, countFailed } from './tool-tries.ts'
