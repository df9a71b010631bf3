import { createHash } from 'node:crypto'
import type { FileId, FileType, StoredFile } from '../../contracts/files/file.ts'
import { FILES } from '../../policies/operations/files.ts'
import { type FileFault, type InspectedFile, inspectFile } from '../../security/files/inspect-file.ts'
import type { Database } from '../database/database.ts'
import { fileTokens } from './file-tokens.ts'
import { insertFile } from './files.ts'

export interface GivenFile {
  readonly id: FileId
  readonly tenant: string
  readonly principal: string
  readonly content: Buffer
  /** What its sender says that it is. */
  readonly type: FileType
  readonly name: string | null
}

/** Why a file is not kept. */
export type FileRefusal =
  | FileFault
  | 'empty'
  | 'other_than_said'
  | 'too_many_bytes'
  | 'too_many_pixels'
  | 'too_many_pages'
  | 'quota'

/** Checks a file by its content, and stores it. Content that is given again without a name is the file that it was. */
export async function keepFile(
  database: Database,
  { content, ...given }: GivenFile,
): Promise<StoredFile | { readonly refused: FileRefusal }> {
  if (content.length === 0) return { refused: 'empty' }
  const found = await inspectFile(content, FILES)
  if (typeof found === 'string') return { refused: found }
  const refused = beyondBounds(found, content.length, given.type)
  if (refused !== null) return { refused }
  const sha256 = createHash('sha256').update(content).digest('hex')
  const row = { ...given, sha256, tokens: fileTokens(found), content }
  return (await insertFile(database, row)) ?? { refused: 'quota' }
}

function beyondBounds(found: InspectedFile, bytes: number, said: FileType): FileRefusal | null {
  if (found.type !== said) return 'other_than_said'
  if ('pages' in found) {
    if (bytes > FILES.pdfBytes) return 'too_many_bytes'
    return found.pages > FILES.pdfPages ? 'too_many_pages' : null
  }
  const { width, height } = found
  if (bytes > FILES.imageBytes) return 'too_many_bytes'
  const isTooLarge = Math.max(width, height) > FILES.imageSide || width * height > FILES.imagePixels
  return isTooLarge ? 'too_many_pixels' : null
}
