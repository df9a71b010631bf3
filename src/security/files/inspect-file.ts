import { fileTypeFromBuffer } from 'file-type'
import { type FileType, isFileType } from '../../contracts/files/file.ts'
import { type ImageSize, readImageSize } from './image-size.ts'
import { countPdfPages, type PdfBounds } from './pdf-pages.ts'

/** What a file is by its content. */
export type InspectedFile =
  | ({ readonly type: Exclude<FileType, 'application/pdf'> } & ImageSize)
  | { readonly type: 'application/pdf'; readonly pages: number }

/** Why a file is not taken: another type of content, content that is cut off or wrong, or a PDF with a password. */
export type FileFault = 'other_type' | 'damaged' | 'encrypted'

/**
 * Finds out what a file is, whatever its sender says. Nothing is decoded: sizes stand in the headers, so that a small file which would
 * decode to a huge picture costs nothing here. A file has to be there to its end.
 */
export async function inspectFile(content: Buffer, bounds: PdfBounds): Promise<InspectedFile | FileFault> {
  const type = (await fileTypeFromBuffer(content))?.mime ?? ''
  if (!isFileType(type)) return 'other_type'
  if (type === 'application/pdf') {
    const pages = await countPdfPages(content, bounds)
    return typeof pages === 'number' ? { type, pages } : pages
  }
  const size = readImageSize(type, content)
  return size === null || size.width === 0 || size.height === 0 ? 'damaged' : { type, ...size }
}
