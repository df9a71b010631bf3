import type { StoredFile } from '../../contracts/files/file.ts'
import type { FileResource } from './file.schema.ts'

export function toFileResource({ id, bytes, type, sha256, name, createdAt }: StoredFile): FileResource {
  return { id, object: 'file', bytes, content_type: type, sha256, filename: name, created_at: createdAt }
}
