import { z } from 'zod'
import { FILE_TYPES } from '../../contracts/files/file.ts'
import { FILES } from '../../policies/operations/files.ts'
import { principalName } from '../access/key.schema.ts'
import { fileId } from '../http/requests/ids.schema.ts'
import { text } from '../http/requests/text.schema.ts'

/** A path is not a name. Control characters could end a header; those of writing direction could hide how the name ends. */
const NAME = /^[^\p{Cc}\u202a-\u202e\u2066-\u2069/\\]+$/u

export const uploadQuery = z.strictObject({
  filename: text(FILES.nameCharacters)
    .regex(NAME, 'Must be a name without a path and without control characters.')
    .meta({ allOf: [{ pattern: NAME.source }] })
    .optional()
    .describe('Its name, without a path. Models are told it.'),
  principal: principalName
    .optional()
    .describe('The person in whose name the caller uploads it. It takes the scope `principals:act`.'),
})

/** The bytes as they are. */
export const uploadBody = z.any().meta({ type: 'string', format: 'binary' })

export const file = z
  .strictObject({
    id: fileId,
    object: z.literal('file'),
    bytes: z.int().min(1),
    content_type: z.enum(FILE_TYPES),
    sha256: z.string().describe('Of the content, as hexadecimal digits.'),
    filename: z.string().nullable(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'File' })
export type FileResource = z.output<typeof file>
