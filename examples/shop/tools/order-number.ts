import { ToolError } from 'holdfast'
import { z } from 'zod'

/** An order number as the model passes it on from a customer: `L-20871`, `#l20871`, `20871`. */
export const orderNumber = z
  .string()
  .min(1)
  .max(40)
  .describe('Order number as on the confirmation, for example L-20871.')

/** The spelling that the store uses. What is no order number stays as it is, and is not found. */
export function canonicalOrderNumber(written: string): string {
  const digits = /^#?\s*(?:l[-\s]?)?(\d{3,10})$/i.exec(written.trim())?.[1]
  return digits ? `L-${digits}` : written.trim()
}

/** One text for an order that does not exist and for one of somebody else, so that nothing can be learnt from it. */
export function orderNotFound(): ToolError {
  return new ToolError("There is no order with this number in the customer's account.", {
    code: 'tool_not_found',
  })
}
