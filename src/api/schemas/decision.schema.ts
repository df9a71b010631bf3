import { z } from 'zod'
import { DECISIONS } from '../../contracts/approval.ts'
import { isDeeperThan } from '../../contracts/json.ts'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import { SIZES } from '../../policies/limits.ts'
import { storableJson } from '../../store/storable.ts'
import { spoken, text } from './text.schema.ts'

const { commentCharacters, messageCharacters } = REQUEST_LIMITS

/** Whether they fit the tool is for the run to say. */
const editedArguments = z
  .record(z.string(), z.unknown())
  // First: what follows has only so much stack.
  .refine((value) => !isDeeperThan(value, SIZES.maxArgumentsDepth), {
    error: `Must be at most ${SIZES.maxArgumentsDepth} levels deep.`,
    abort: true,
  })
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
      .describe('Only with `edit`: what to call the tool with instead, in full.'),
    message: spoken(messageCharacters)
      .optional()
      .describe("Told to the model: why not, with `reject`; the answer in the tool's place, with `respond`."),
    comment: text(commentCharacters).optional().describe('For the record only.'),
  })
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
  .meta({ id: 'Decision' })
export type DecisionBody = z.output<typeof decisionBody>
