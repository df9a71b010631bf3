import { z } from 'zod'

const principal = z
  .string()
  .describe('Whom the credential stands for. It differs from the principal where it acted for somebody else.')

/** What a request was let in by, as the record has it. */
export const recordedCredential = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('key'), id: z.string().describe("An API key's id."), principal }),
  z.strictObject({
    type: z.literal('token'),
    issuer: z.string(),
    id: z.string().describe("The token's `jti`; its subject where it has none."),
    principal,
  }),
])
