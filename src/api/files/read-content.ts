import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { kindOf, type StoredFile } from '../../contracts/files/file.ts'
import { type FiledText, fromParts } from '../../contracts/files/message-file.ts'
import type { Database } from '../../store/database/database.ts'
import { findFiles, findFilesIn } from '../../store/files/files.ts'
import type { Principal } from '../access/principal.ts'
import { reaches } from '../access/reaches.ts'
import { Problem } from '../http/problems/problem.ts'
import type { Content, ContentPart } from './content.schema.ts'
import { takeFile } from './take-file.ts'

/*
 * A large file takes milliseconds each time that it is gone over: others have their turn in between.
 */

/** The content, with the SHA-256 of each file that comes with it in the place of the file: it is small, and another where the content is. */
export async function withHashes(content: Content): Promise<Content> {
  if (typeof content === 'string') return content
  const parts: ContentPart[] = []
  for (const part of content) {
    if (!('data' in part)) parts.push(part)
    else {
      await nextTurn()
      parts.push({ ...part, data: createHash('sha256').update(part.data).digest('hex') })
    }
  }
  return parts
}

/**
 * What a message says, with references to its files: those that come with it are stored first.
 *
 * @param author in whose name the message is: whoever may read a file may send it; with a browser token, where its run or thread has the file
 * @param pointer of the content in the request
 * @throws Problem file_unknown, file_not_taken, payload_too_large, file_quota_reached
 */
export async function readContent(
  database: Database,
  author: Principal,
  content: Content,
  pointer: string,
): Promise<FiledText> {
  if (typeof content === 'string') return { text: content }
  const ids = content.flatMap((part) => ('file_id' in part ? [part.file_id] : []))
  const { tenant, confinement } = author
  const known = await findFiles(database, tenant, ids)
  const open = confinement && (await findFilesIn(database, tenant, confinement.target, ids))

  const mayName = ({ id, principal }: StoredFile) =>
    reaches(author, principal, 'read') && (open === undefined || open.has(id))

  async function fileOf(part: Exclude<ContentPart, { type: 'text' }>, at: string): Promise<StoredFile> {
    if ('data' in part) {
      await nextTurn()
      const { data, content_type: type } = part
      const sent = { content: Buffer.from(data, 'base64'), type, name: null, pointer: `${at}/data` }
      return takeFile(database, author, sent)
    }
    const found = known.get(part.file_id)
    if (found !== undefined && mayName(found)) return found
    throw new Problem('file_unknown', {
      errors: [{ pointer: `${at}/file_id`, detail: 'There is no such file, or it is not yours.' }],
    })
  }

  const parts: ({ readonly text: string } | { readonly file: StoredFile })[] = []
  for (const [index, part] of content.entries()) {
    if ('text' in part) {
      parts.push({ text: part.text })
      continue
    }
    const at = `${pointer}/${index}`
    const file = await fileOf(part, at)
    if ((kindOf(file.type) === 'image') !== (part.type === 'image')) {
      const detail = `It is ${file.type}: an image is an \`image\`, and a PDF a \`file\`.`
      throw new Problem('file_not_taken', { detail, errors: [{ pointer: `${at}/type`, detail }] })
    }
    parts.push({ file })
  }
  return fromParts(parts)
}
