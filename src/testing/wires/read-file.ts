import { createHash } from 'node:crypto'
import { isFileType, kindOf } from '../../contracts/files/file.ts'
import { fields, string } from '../read-body.ts'
import type { ScriptedFile } from '../script.ts'

/** A file that a request has in base64. Refuses what the providers refuse: other types, and base64 that is none. */
export function readFile(type: string, data: string, name?: string): ScriptedFile {
  if (!isFileType(type)) throw new Error(`unsupported media type ${type}`)
  const content = Buffer.from(data, 'base64')
  if (data === '' || content.toString('base64') !== data) throw new Error('the file is no valid base64')
  return {
    kind: kindOf(type),
    type,
    bytes: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    ...(name !== undefined && { name }),
  }
}

/** The same from a data URL, as OpenAI's wires have it. */
export function readDataUrl(value: unknown, what: string, name?: string): ScriptedFile {
  const [, type, data] = /^data:([^;,]+);base64,(.*)$/s.exec(string(value, what)) ?? []
  if (type === undefined || data === undefined) throw new Error(`${what} must be a base64 data URL`)
  return readFile(type, data, name)
}

/** Anthropic's source of a block. */
export function readSource(value: unknown, name?: string): ScriptedFile {
  const source = fields(value, 'source')
  if (source.type !== 'base64') throw new Error('source.type: only base64 is played here')
  return readFile(string(source.media_type, 'source.media_type'), string(source.data, 'source.data'), name)
}
