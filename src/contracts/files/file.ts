/** `file_` and 26 characters that sort by time of creation. */
export type FileId = `file_${string}`

/** The media types that are taken. What a file is decides its content, never its name. */
export const FILE_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'application/pdf'] as const
export type FileType = (typeof FILE_TYPES)[number]

/** What a model can be given. */
export const FILE_KINDS = ['image', 'pdf'] as const
export type FileKind = (typeof FILE_KINDS)[number]

export function kindOf(type: FileType): FileKind {
  return type === 'application/pdf' ? 'pdf' : 'image'
}

export function isFileType(type: string): type is FileType {
  return (FILE_TYPES as readonly string[]).includes(type)
}

/** A file of a principal, without its content. Times are RFC 3339. */
export interface StoredFile {
  readonly id: FileId
  readonly tenant: string
  readonly principal: string
  readonly type: FileType
  readonly bytes: number
  /** Of the content, as hexadecimal digits. */
  readonly sha256: string
  /** null where its sender has given it none. */
  readonly name: string | null
  /** The most tokens that a model counts for it, by the rules of thumb of `FILE_TOKENS`. */
  readonly tokens: number
  readonly createdAt: string
}
