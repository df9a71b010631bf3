import { z } from 'zod'
import { FILE_TYPES } from '../../contracts/files/file.ts'
import { REQUEST_LIMITS } from '../../policies/api.ts'
import { FILES } from '../../policies/operations/files.ts'
import { fileId } from '../http/requests/ids.schema.ts'
import { charactersOf, spoken } from '../http/requests/text.schema.ts'

const BASE64 = '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$'

/** The same as the pattern, which runs out of stack with some megabytes. */
function isBase64(value: string): boolean {
  const padding = value.endsWith('==') ? 2 : value.endsWith('=') ? 1 : 0
  return value.length % 4 === 0 && !/[^A-Za-z0-9+/]/.test(value.slice(0, value.length - padding))
}

const type = z.enum(['image', 'file']).describe('`file` is a PDF.')

const part = z.union([
  z.strictObject({ type: z.literal('text'), text: spoken(REQUEST_LIMITS.inputCharacters) }),
  z.strictObject({ type, file_id: fileId }).describe('A file that was uploaded.'),
  z
    .strictObject({
      type,
      data: z.string().min(1).refine(isBase64, 'Must be base64, with its padding.').meta({ pattern: BASE64 }),
      content_type: z.enum(FILE_TYPES),
    })
    .describe('A file in base64. It is stored as if it had been uploaded.'),
])

const parts = z
  .array(part)
  .min(1)
  .max(REQUEST_LIMITS.inputParts)
  .describe('Texts and files, as they are to be read.')

/** What a message says: a text, or texts and files in their order. */
export const content = z.union([spoken(REQUEST_LIMITS.inputCharacters), parts]).meta({ id: 'Content' })
export type Content = z.output<typeof content>
export type ContentPart = z.output<typeof part>

/** Whether messages have no more than one input may have. */
export const fitsInput = (contents: readonly Content[]): boolean =>
  charactersIn(contents) <= REQUEST_LIMITS.inputCharacters && filesIn(contents) <= FILES.ofInput

export const INPUT_BOUNDS = `Must have at most ${REQUEST_LIMITS.inputCharacters} characters and ${FILES.ofInput} files in all.`

/** Whether a file comes with the message itself. */
export function hasFileInline(content: Content): boolean {
  return typeof content !== 'string' && content.some((each) => 'data' in each)
}

export function hasFile(content: Content): boolean {
  return filesIn([content]) > 0
}

function charactersIn(contents: readonly Content[]): number {
  const texts = contents.flatMap((one) =>
    typeof one === 'string' ? [one] : one.flatMap((each) => ('text' in each ? [each.text] : [])),
  )
  return texts.reduce((sum, text) => sum + charactersOf(text), 0)
}

function filesIn(contents: readonly Content[]): number {
  return contents.flatMap((one) => (typeof one === 'string' ? [] : one.filter((each) => !('text' in each))))
    .length
}
