import type { Message } from '../runs/message.ts'
import { type FileId, type FileKind, type FileType, kindOf, type StoredFile } from './file.ts'

/** A file in a message: a reference, never its content. */
export interface MessageFile {
  readonly id: FileId
  readonly kind: FileKind
  readonly type: FileType
  readonly sha256: string
  readonly name?: string
  /** As in the stored file. The estimate of a request's input counts it. */
  readonly tokens: number
  /** How many characters of the message's text stand before it. */
  readonly at: number
}

/** Text with files at their places. */
export interface FiledText {
  readonly text: string
  readonly files?: readonly MessageFile[]
}

/** A piece of a message: a text, or a file. */
export type MessagePart = { readonly text: string } | { readonly file: MessageFile }

/** What stands between two texts of one message. */
const BETWEEN = '\n\n'

/** A message's text and files from its parts, in their order. */
export function fromParts(
  parts: readonly ({ readonly text: string } | { readonly file: StoredFile })[],
): FiledText {
  let text = ''
  const files: MessageFile[] = []
  for (const part of parts) {
    if ('text' in part) text += text === '' ? part.text : BETWEEN + part.text
    else files.push({ ...inMessage(part.file), at: text.length })
  }
  return files.length === 0 ? { text } : { text, files }
}

/** A file as messages refer to it, wherever it stands. */
export function inMessage({ id, type, sha256, name, tokens }: StoredFile): Omit<MessageFile, 'at'> {
  return { id, kind: kindOf(type), type, sha256, ...(name !== null && { name }), tokens }
}

/** The parts of a message. Neighbouring texts are one. */
export function toParts({ text, files = [] }: FiledText): MessagePart[] {
  const parts: MessagePart[] = []
  let from = 0
  const addText = (end: number) => {
    const start = from === 0 ? 0 : from + BETWEEN.length
    if (end > start) parts.push({ text: text.slice(start, end) })
    from = Math.max(from, end)
  }
  for (const file of files) {
    addText(file.at)
    parts.push({ file })
  }
  addText(text.length)
  return parts
}

/** The text after words of ours, with the files where they were. */
export function withWordsBefore(words: string, { text, files }: FiledText): FiledText {
  const shift = words.length + BETWEEN.length
  return {
    text: words + BETWEEN + text,
    ...(files !== undefined && {
      files: files.map((file) => ({ ...file, at: file.at === 0 ? words.length : file.at + shift })),
    }),
  }
}

/** What stands for a file where only text can stand: `[image cat.png]`. */
export function fileWords({ kind, name }: Pick<MessageFile, 'kind' | 'name'>): string {
  return `[${[kind === 'pdf' ? 'PDF' : 'image', ...(name === undefined ? [] : [name])].join(' ')}]`
}

/** A message as text alone. */
export function textWithWords(message: FiledText): string {
  if (message.files === undefined) return message.text
  return toParts(message)
    .map((part) => ('text' in part ? part.text : fileWords(part.file)))
    .join(BETWEEN)
}

/** The files that a message refers to. */
export function filesOf(message: Message): readonly MessageFile[] {
  return message.role === 'assistant' ? [] : (message.files ?? [])
}
