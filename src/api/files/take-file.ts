import { createHash } from 'node:crypto'
import type { StoredFile } from '../../contracts/files/file.ts'
import { FILES } from '../../policies/operations/files.ts'
import { type FileFault, type InspectedFile, inspectFile } from '../../security/files/inspect-file.ts'
import type { Database } from '../../store/database/database.ts'
import { fileTokens } from '../../store/files/file-tokens.ts'
import { findAlike, insertFile } from '../../store/files/files.ts'
import type { Principal } from '../access/principal.ts'
import { newId } from '../http/new-id.ts'
import { Problem } from '../http/problems/problem.ts'

export interface SentFile {
  readonly content: Buffer
  /** What its sender says that it is. */
  readonly contentType: string
  readonly name: string | null
  /** Where a problem with it is, by JSON pointer; absent for a file that is the whole body. */
  readonly pointer?: string
}

/** Content that is sent again without a name is the file that it was. */
type TakeFile = (owner: Pick<Principal, 'tenant' | 'id'>, sent: SentFile) => Promise<StoredFile>

const FAULTS: Readonly<Record<FileFault, string>> = {
  other_type: 'The content is no PNG, JPEG, GIF or WebP image and no PDF.',
  damaged: 'The content is damaged or cut off.',
  encrypted: 'The PDF is encrypted.',
}

/**
 * Checks a file by its content, and stores it.
 *
 * @throws Problem file_not_taken, payload_too_large, file_quota_reached
 */
export function createTakeFile(database: Database): TakeFile {
  return async ({ tenant, id: principal }, sent) => {
    const { content, name } = sent
    const inspected = await inspect(sent)
    const { type } = inspected
    const sha256 = createHash('sha256').update(content).digest('hex')
    const row = { tenant, principal, sha256, type }
    const known = name === null ? await findAlike(database, row) : null
    if (known !== null) return known
    const tokens = fileTokens(inspected)
    const stored = await insertFile(database, { ...row, id: newId('file'), name, tokens, content })
    if (stored === null) throw new Problem('file_quota_reached')
    return stored
  }
}

async function inspect(sent: SentFile): Promise<InspectedFile> {
  const { content, contentType } = sent
  if (content.length === 0) throw notTaken(sent, 'There is no content.')
  const found = await inspectFile(content, FILES)
  if (typeof found === 'string') throw notTaken(sent, FAULTS[found])
  if (found.type !== contentType) throw notTaken(sent, `The content is ${found.type}.`)
  const [bytes, what] =
    found.type === 'application/pdf' ? [FILES.pdfBytes, 'A PDF'] : [FILES.imageBytes, 'An image']
  if (content.length > bytes) {
    throw new Problem('payload_too_large', { detail: `${what} may have ${bytes} bytes.`, ...at(sent) })
  }
  if ('pages' in found) {
    if (found.pages > FILES.pdfPages) throw notTaken(sent, `A PDF may have ${FILES.pdfPages} pages.`)
    return found
  }
  const { width, height } = found
  if (Math.max(width, height) > FILES.imageSide || width * height > FILES.imagePixels) {
    const most = `${FILES.imageSide} pixels a side and ${FILES.imagePixels} in all`
    throw notTaken(sent, `An image may have ${most}.`)
  }
  return found
}

function notTaken(sent: SentFile, detail: string): Problem {
  return new Problem('file_not_taken', { detail, ...at(sent, detail) })
}

function at({ pointer }: SentFile, detail = 'Too large.') {
  return pointer === undefined ? {} : { errors: [{ pointer, detail }] }
}
