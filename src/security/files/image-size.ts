import type { FileType } from '../../contracts/files/file.ts'

export interface ImageSize {
  readonly width: number
  readonly height: number
}

const READERS: Readonly<Record<Exclude<FileType, 'application/pdf'>, (image: Buffer) => ImageSize | null>> = {
  'image/png': readPng,
  'image/jpeg': readJpeg,
  'image/gif': readGif,
  'image/webp': readWebp,
}

/** The size that an image's header says; null where the image is damaged or cut off. */
export function readImageSize(type: keyof typeof READERS, image: Buffer): ImageSize | null {
  try {
    return READERS[type](image)
  } catch (error) {
    // A read beyond the end.
    if (error instanceof RangeError) return null
    throw error
  }
}

/** Chunks of a length, four letters, data and a checksum: the first is the header, the last the end. */
function readPng(image: Buffer): ImageSize | null {
  if (image.toString('latin1', 12, 16) !== 'IHDR') return null
  let at = 8
  while (at < image.length) {
    const name = image.toString('latin1', at + 4, at + 8)
    at += 12 + image.readUInt32BE(at)
    if (name === 'IEND') {
      return at === image.length ? { width: image.readUInt32BE(16), height: image.readUInt32BE(20) } : null
    }
  }
  return null
}

function readGif(image: Buffer): ImageSize | null {
  if (image.at(-1) !== 0x3b) return null
  return { width: image.readUInt16LE(6), height: image.readUInt16LE(8) }
}

const END_OF_JPEG = Buffer.from([0xff, 0xd9])
/** Markers between 0xc0 and 0xcf that begin no frame. */
const NO_FRAME: readonly number[] = [0xc4, 0xc8, 0xcc]

/** Segments of a marker, a length and data. Cameras put more behind the image's end, which is passed over. */
function readJpeg(image: Buffer): ImageSize | null {
  let at = 2
  while (image.readUInt8(at) === 0xff) {
    const marker = image.readUInt8(at + 1)
    if (marker === 0xff) {
      at += 1
      continue
    }
    if (marker >= 0xc0 && marker <= 0xcf && !NO_FRAME.includes(marker)) {
      const size = { height: image.readUInt16BE(at + 5), width: image.readUInt16BE(at + 7) }
      return image.lastIndexOf(END_OF_JPEG) > at ? size : null
    }
    at += 2 + image.readUInt16BE(at + 2)
  }
  return null
}

function readWebp(image: Buffer): ImageSize | null {
  // The file's own length leaves out 8 bytes, and is even.
  const length = image.readUInt32LE(4) + 8
  if (length !== image.length) return null
  switch (image.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { width: image.readUInt16LE(26) & 0x3fff, height: image.readUInt16LE(28) & 0x3fff }
    case 'VP8L': {
      const bits = image.readUInt32LE(21)
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff) }
    }
    case 'VP8X':
      return { width: 1 + image.readUIntLE(24, 3), height: 1 + image.readUIntLE(27, 3) }
    default:
      return null
  }
}
