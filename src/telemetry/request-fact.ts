import type { ErrorCode } from '../contracts/error-codes.ts'
import type { Took } from './facts.ts'

/** What has become of requests to the API. */
export type RequestFact =
  /** A request to the API was answered. */
  | (Took & {
      readonly type: 'request.answered'
      readonly requestId: string
      readonly method: string
      /** As it is registered, such as `/v1/runs/:id`. */
      readonly route: string
      readonly status: number
      readonly code?: ErrorCode
      readonly tenant?: string
      readonly principal?: string
      readonly key?: string
      readonly token?: { readonly issuer: string; readonly id: string }
      /** What its path names by an id, or what it has made. */
      readonly targetId?: string
      readonly madeKey?: string
      readonly runId?: string
      readonly traceId?: string
    })
  /** A request to the API was refused, since the process had too much to do. `first` are reads, `last` writes. */
  | {
      readonly type: 'request.shed'
      readonly order: 'first' | 'last'
      readonly overload:
        | 'under_way'
        | 'store'
        | 'heap'
        | 'connections'
        | 'bodies'
        | 'tenant_bodies'
        | 'caller_bodies'
    }
  /** A request to the API was refused, since its caller or tenant has used up a limit. */
  | {
      readonly type: 'request.limited'
      readonly limit: 'requests' | 'starts' | 'runs' | 'streams'
      readonly scope: 'caller' | 'tenant'
    }
