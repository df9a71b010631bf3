import { constants, inflateSync } from 'node:zlib'

const PAGE = /\/Type\s*\/Page(?![A-Za-z])/g
/** A stream that has objects in it, up to its data. */
const OBJECT_STREAM = /\/Type\s*\/ObjStm[\s\S]{0,1024}?stream\r?\n/g
const ENCRYPTED = /\/Encrypt\s*(\d+\s+\d+\s+R|<<)/
/** The last bytes, in which the mark of a file's end stands. */
const TAIL = 1_024

/**
 * How many pages a PDF has, at least one. Since version 1.5 pages may stand in compressed streams, which are read as well. A PDF with such a
 * stream in another form counts as damaged: its pages could not be counted.
 *
 * @param mostBytes what all streams may come to
 */
export function countPdfPages(pdf: Buffer, mostBytes: number): number | 'damaged' | 'encrypted' {
  const text = pdf.toString('latin1')
  if (!text.slice(-TAIL).includes('%%EOF')) return 'damaged'
  if (ENCRYPTED.test(text)) return 'encrypted'
  let pages = pagesIn(text)
  let left = mostBytes
  for (const { index, 0: head } of text.matchAll(OBJECT_STREAM)) {
    const start = index + head.length
    const end = text.indexOf('endstream', start)
    const objects = end < 0 ? null : inflated(pdf.subarray(start, end), left)
    if (objects === null) return 'damaged'
    left -= objects.length
    pages += pagesIn(objects)
  }
  return pages === 0 ? 'damaged' : pages
}

function pagesIn(text: string): number {
  return text.match(PAGE)?.length ?? 0
}

/** null where it is in another form, or larger. */
function inflated(data: Buffer, mostBytes: number): string | null {
  if (mostBytes <= 0) return null
  try {
    const options = { maxOutputLength: mostBytes, finishFlush: constants.Z_SYNC_FLUSH }
    return inflateSync(data, options).toString('latin1')
  } catch (error) {
    if (error instanceof RangeError || (error instanceof Error && 'errno' in error)) return null
    throw error
  }
}
