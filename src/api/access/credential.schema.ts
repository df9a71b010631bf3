import { z } from 'zod'

const principal = z
  .string()
  .describe('Whom the credential stands for. It differs from the principal where it acted for somebody else.')

const key = z.strictObject({ type: z.literal('key'), id: z.string().describe("An API key's id.") })
const token = z.strictObject({
  type: z.literal('token'),
  issuer: z.string(),
  id: z.string().describe("The token's `jti`; its subject where it has none."),
})

/** What can make a browser token. */
export const lastingCredential = z.discriminatedUnion('type', [key, token])

const recordedKey = key.extend({ principal })
const recordedToken = token.extend({ principal })

/** What has made an API key, as the record has it. */
export const recordedMaker = z.discriminatedUnion('type', [recordedKey, recordedToken])

/** What a request was let in by, as the record has it. */
export const recordedCredential = z
  .discriminatedUnion('type', [
    recordedKey,
    recordedToken,
    z.strictObject({
      type: z.literal('browser_token'),
      id: z.string().describe('As `POST /v1/tokens` has answered it.'),
      maker: lastingCredential.describe('What has made the token.'),
      principal,
    }),
  ])
  .meta({ id: 'RecordedCredential' })
