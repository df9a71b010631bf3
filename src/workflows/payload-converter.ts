import { defaultPayloadConverter, type PayloadConverter } from '@temporalio/common'

/**
 * Decodes what the workflow is sent. The SDK decodes a signal before its handler is asked, and one payload that is no JSON would
 * fail the same workflow task for ever: here it becomes `undefined`, which `read-message.ts` drops like anything else that has
 * not its message's shape.
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
