import { defaultPayloadConverter, type PayloadConverter } from '@temporalio/common'

/**
 * Decodes the workflow's messages. The SDK decodes a signal before it calls the handler, and a payload that is no JSON would fail the
 * same workflow task for ever. Here it becomes `undefined`, which `read-message.ts` drops like any message of the wrong shape.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value, context, hint) => defaultPayloadConverter.toPayload(value, context, hint),
  fromPayload<T>(...[payload, context, hint]: Parameters<typeof defaultPayloadConverter.fromPayload>): T {
    try {
      return defaultPayloadConverter.fromPayload<T>(payload, context, hint as never)
    } catch {
      return undefined as T
    }
  },
}
