export type { Approvals, Decision } from './approvals.ts'
export { type ClientOptions, createClient, type HoldfastClient } from './create-client.ts'
export type * from './generated.ts'
export { HoldfastError, type HoldfastErrorCode } from './holdfast-error.ts'
export type { Runs, StartOptions, WaitOptions } from './runs.ts'
export type { StreamOptions } from './transport/follow-run.ts'
export type {
  Answer,
  Arguments,
  CallOptions,
  Entry,
  Input,
  ListName,
  OperationName,
} from './transport/requests.ts'
export type { Timing } from './transport/timing.ts'
