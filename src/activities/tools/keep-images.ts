import { isFileType } from '../../contracts/files/file.ts'
import { inMessage, type MessageFile } from '../../contracts/files/message-file.ts'
import { isJsonObject, type Json, type JsonObject } from '../../contracts/json.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import { RESULT_IMAGES } from '../../policies/models/files.ts'
import { newId } from '../../security/new-id.ts'
import type { Database } from '../../store/database/database.ts'
import { keepFile } from '../../store/files/keep-file.ts'
import { untilStored } from '../until-stored.ts'

/** As `toolImage` writes them. */
const IMAGE = /^data:(image\/[a-z]+);base64,([A-Za-z0-9+/]+={0,2})$/

/** A tool's result with words in the place of its images, and these as files, in their order. */
export interface ResultWithImages {
  readonly result: JsonObject
  readonly files: readonly Omit<MessageFile, 'at'>[]
}

/**
 * Keeps the images of a result as files of the run's principal. It waits while the store is away, since the call is made. An image that is
 * not taken is told in words: the call may have changed something, and its result must not be lost for it.
 */
export async function keepImages(
  database: Database,
  { tenant, principal }: Pick<RunIdentity, 'tenant' | 'principal'>,
  result: JsonObject,
): Promise<ResultWithImages> {
  const words = new Map<string, string>()
  const files: Omit<MessageFile, 'at'>[] = []

  async function keep(url: string): Promise<string> {
    if (files.length === RESULT_IMAGES.most) return RESULT_IMAGES.tooMany
    const [, type = '', base64 = ''] = IMAGE.exec(url) ?? []
    if (!isFileType(type)) return RESULT_IMAGES.notTaken
    const content = Buffer.from(base64, 'base64')
    const given = { id: newId('file'), tenant, principal, content, type, name: null }
    const kept = await untilStored(() => keepFile(database, given))
    if ('refused' in kept) return RESULT_IMAGES.notTaken
    files.push(inMessage(kept))
    return RESULT_IMAGES.words(files.length)
  }

  for (const url of imagesIn(result)) if (!words.has(url)) words.set(url, await keep(url))
  return { result: words.size === 0 ? result : (replaced(result, words) as JsonObject), files }
}

function imagesIn(value: Json): string[] {
  if (typeof value === 'string') return IMAGE.test(value) ? [value] : []
  if (Array.isArray(value)) return value.flatMap((item: Json) => imagesIn(item))
  return isJsonObject(value) ? Object.values(value).flatMap((item) => imagesIn(item)) : []
}

function replaced(value: Json, words: ReadonlyMap<string, string>): Json {
  if (typeof value === 'string') return words.get(value) ?? value
  if (Array.isArray(value)) return value.map((item: Json) => replaced(item, words))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, replaced(item, words)]))
}
