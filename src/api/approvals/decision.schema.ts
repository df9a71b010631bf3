import { z } from 'zod'
import { DECISIONS } from '../../contracts/approvals/approval.ts'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import { SIZES } from '../../policies/limits.ts'
import { storableJson } from '../../store/database/postgres-text.ts'
import { actedFor, GROUPS_NEED_PRINCIPAL, rightsNeedPrincipal } from '../access/acting.schema.ts'
import { spoken, text, WITHOUT_NUL } from '../http/requests/text.schema.ts'

const { commentCharacters, messageCharacters } = REQUEST_LIMITS

const EXAMPLE_SHA256 = 'bd24d5a6'.repeat(8)

/** Any JSON, for the OpenAPI document: the pattern of its texts and names stands for the check of `storableJson` below. */
const storable: z.ZodType = z
  .lazy(() =>
    z.union([
      z.null(),
      z.boolean(),
      z.number(),
      z.string().meta({ pattern: WITHOUT_NUL }),
      z.array(storable),
      z.record(z.string().meta({ pattern: WITHOUT_NUL }), storable),
    ]),
  )
  .meta({ id: 'StorableJson' })

/** The run checks whether the arguments fit the tool. */
const editedArguments = z
  .record(z.string().meta({ pattern: WITHOUT_NUL }), storable)
  .refine(
    (value) => Buffer.byteLength(JSON.stringify(value)) <= SIZES.maxArgumentsBytes,
    `Must be at most ${SIZES.maxArgumentsBytes} bytes of JSON.`,
  )
  .refine(
    (value) => storableJson(value) === JSON.stringify(value),
    'Must not contain NUL or unpaired surrogates.',
  )

export const decisionBody = z
  .strictObject({
    decision: z.enum(DECISIONS),
    arguments_sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe('As the approval shows it.'),
    arguments: editedArguments
      .optional()
      .describe(
        `Only with \`edit\`: what to call the tool with instead, in full. At most ${SIZES.maxArgumentsBytes} bytes of JSON, without NUL.`,
      ),
    message: spoken(messageCharacters)
      .optional()
      .describe("Told to the model: why not, with `reject`; the answer in the tool's place, with `respond`."),
    comment: text(commentCharacters).optional().describe('For the record only.'),
    ...actedFor,
  })
  .check(rightsNeedPrincipal)
  .check(({ value: { decision, arguments: args, message }, issues }) => {
    const wrong = (name: string, text: string) =>
      issues.push({ code: 'custom', path: [name], message: text, input: decision })
    if (decision === 'edit' && args === undefined) wrong('arguments', 'Missing.')
    if (decision !== 'edit' && args !== undefined) wrong('arguments', 'Only an edit has arguments.')
    if (decision === 'respond' && message === undefined) wrong('message', 'Missing.')
    if ((decision === 'approve' || decision === 'edit') && message !== undefined) {
      wrong('message', 'Only a rejection or a response has a message.')
    }
  })
  .meta({
    id: 'Decision',
    ...GROUPS_NEED_PRINCIPAL,
    anyOf: [
      { properties: { decision: { const: 'approve' }, arguments: false, message: false } },
      { properties: { decision: { const: 'edit' }, message: false }, required: ['arguments'] },
      { properties: { decision: { const: 'reject' }, arguments: false } },
      { properties: { decision: { const: 'respond' }, arguments: false }, required: ['message'] },
    ],
    examples: [
      { decision: 'approve', arguments_sha256: EXAMPLE_SHA256 },
      {
        decision: 'reject',
        arguments_sha256: EXAMPLE_SHA256,
        message: 'The customer has been paid already.',
      },
      {
        decision: 'edit',
        arguments_sha256: EXAMPLE_SHA256,
        arguments: { invoice: 'A-1017', cents: 5_000 },
      },
    ],
  })
export type DecisionBody = z.output<typeof decisionBody>
