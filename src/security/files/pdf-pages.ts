import { promisify } from 'node:util'
import { constants, inflate } from 'node:zlib'

const PAGE = /\/Type\s*\/Page(?![A-Za-z])/g
/** What the head of a stream with objects in it says. */
const OBJECT_STREAM = /\/Type\s*\/ObjStm/g
/** Where a stream's head ends and its data begins. */
const DATA = /stream\r?\n/
/** Within so many bytes. */
const HEAD = 1_024
const ENCRYPTED = /\/Encrypt\s*(\d+\s+\d+\s+R|<<)/
/** The last bytes, in which the mark of a file's end stands. */
const TAIL = 1_024
/** What a stream counts as at least: those that come to nothing take time as well. */
const LEAST = 64

export interface PdfBounds {
  /** How many streams that have objects in them are read. */
  readonly pdfObjectStreams: number
  /** What they may come to, decompressed. */
  readonly pdfObjectBytes: number
}

/**
 * How many pages a PDF has, at least one. Since version 1.5 pages may stand in compressed streams, which are read as well. A PDF with such a
 * stream in another form, or with more of them than the bounds allow, counts as damaged: its pages could not be counted. Time grows with
 * the size of the file and with what the streams may come to, whatever stands in them.
 */
export async function countPdfPages(
  pdf: Buffer,
  { pdfObjectStreams, pdfObjectBytes }: PdfBounds,
): Promise<number | 'damaged' | 'encrypted'> {
  const text = pdf.toString('latin1')
  if (!text.slice(-TAIL).includes('%%EOF')) return 'damaged'
  if (ENCRYPTED.test(text)) return 'encrypted'
  const streams = findObjectStreams(text, pdfObjectStreams)
  if (streams === null) return 'damaged'
  let pages = pagesIn(text)
  let left = pdfObjectBytes
  for (const { start, end } of streams) {
    const objects = await inflated(pdf.subarray(start, end), left)
    if (objects === null) return 'damaged'
    left -= Math.max(objects.length, LEAST)
    pages += pagesIn(objects)
  }
  return pages === 0 ? 'damaged' : pages
}

interface Span {
  readonly start: number
  readonly end: number
}

/** Where the data of each stream stands; null where one has no end or stands in another one, or where there are more. */
function findObjectStreams(text: string, most: number): readonly Span[] | null {
  const streams: Span[] = []
  let end = 0
  for (const { index, 0: words } of text.matchAll(OBJECT_STREAM)) {
    if (index < end || streams.length === most) return null
    const head = index + words.length
    const data = DATA.exec(text.slice(head, head + HEAD))
    if (data === null) return null
    const start = head + data.index + data[0].length
    end = text.indexOf('endstream', start)
    if (end < 0) return null
    streams.push({ start, end })
  }
  return streams
}

function pagesIn(text: string): number {
  return text.match(PAGE)?.length ?? 0
}

const inflateAsync = promisify<Buffer, object, Buffer>(inflate)

/** null where it is in another form, or larger. */
async function inflated(data: Buffer, mostBytes: number): Promise<string | null> {
  if (mostBytes <= 0) return null
  try {
    const options = { maxOutputLength: mostBytes, finishFlush: constants.Z_SYNC_FLUSH }
    return (await inflateAsync(data, options)).toString('latin1')
  } catch (error) {
    if (error instanceof RangeError || (error instanceof Error && 'errno' in error)) return null
    throw error
  }
}
