import type { FileType, StoredFile } from '../../contracts/files/file.ts'
import { FILES } from '../../policies/operations/files.ts'
import { newId } from '../../security/new-id.ts'
import type { Database } from '../../store/database/database.ts'
import { type FileRefusal, keepFile } from '../../store/files/keep-file.ts'
import type { Principal } from '../access/principal.ts'
import { Problem } from '../http/problems/problem.ts'

export interface SentFile {
  readonly content: Buffer
  /** What its sender says that it is. */
  readonly type: FileType
  readonly name: string | null
  /** Where a problem with it is, by JSON pointer; absent for a file that is the whole body. */
  readonly pointer?: string
}

const REFUSALS: Readonly<Record<Exclude<FileRefusal, 'quota'>, string>> = {
  empty: 'There is no content.',
  other_type: 'The content is no PNG, JPEG, GIF or WebP image and no PDF.',
  other_than_said: 'The content is of another type than it is said to be.',
  damaged: 'The content is damaged or cut off.',
  encrypted: 'The PDF is encrypted.',
  too_many_bytes: `An image may have ${FILES.imageBytes} bytes, and a PDF ${FILES.pdfBytes}.`,
  too_many_pixels: `An image may have ${FILES.imageSide} pixels a side, and ${FILES.imagePixels} in all.`,
  too_many_pages: `A PDF may have ${FILES.pdfPages} pages.`,
}

/**
 * Keeps a file that somebody sends.
 *
 * @throws Problem file_not_taken, payload_too_large, file_quota_reached
 */
export async function takeFile(
  database: Database,
  { tenant, id: principal }: Pick<Principal, 'tenant' | 'id'>,
  { pointer, ...sent }: SentFile,
): Promise<StoredFile> {
  const kept = await keepFile(database, { id: newId('file'), tenant, principal, ...sent })
  if (!('refused' in kept)) return kept
  const { refused } = kept
  if (refused === 'quota') throw new Problem('file_quota_reached')
  const detail = REFUSALS[refused]
  throw new Problem(refused === 'too_many_bytes' ? 'payload_too_large' : 'file_not_taken', {
    detail,
    ...(pointer !== undefined && { errors: [{ pointer, detail }] }),
  })
}
