import { type Answer, type Input, type OperationName, readBody, toOutgoing } from './requests.ts'
import type { Outgoing, Send } from './send.ts'
import type { Timing } from './timing.ts'

/** What the parts of the client send their requests with. */
export interface Transport {
  readonly send: Send
  readonly timing: Timing
  /** @param more what is known of the request beyond its operation */
  call<N extends OperationName>(
    name: N,
    input: Input<N>,
    more?: Partial<Pick<Outgoing, 'repeatable' | 'heldMs'>>,
  ): Promise<Answer<N>>
}

export function createTransport(send: Send, timing: Timing): Transport {
  return {
    send,
    timing,
    // The types are those of the API's own document.
    call: async <N extends OperationName>(name: N, input: Input<N>, more = {}) =>
      (await send({ ...toOutgoing(name, input), ...more }, readBody)) as Answer<N>,
  }
}
