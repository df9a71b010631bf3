import { deflateSync } from 'node:zlib'

/** Files of each kind that is taken, made as their formats say, and no larger than they have to be. */

const CRC = Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let bit = 0; bit < 8; bit += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c >>> 0
})

function crc(bytes: Buffer): number {
  let c = 0xffffffff
  for (const byte of bytes) c = (CRC[(c ^ byte) & 0xff] ?? 0) ^ (c >>> 8)
  return (c ^ 0xffffffff) >>> 0
}

function chunk(name: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc(named))
  return Buffer.concat([length, named, sum])
}

/** A grey picture. One that is larger than it says has no pixels, as a bomb's header has it. */
export function png(width = 2, height = 2, hasPixels = width * height <= 1_000_000): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.writeUInt8(8, 8)
  const pixels = hasPixels ? Buffer.alloc(height * (width + 1), 0) : Buffer.alloc(0)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(pixels)), chunk('IEND', Buffer.alloc(0))]
  return Buffer.concat([signature, ...chunks])
}

export function gif(width = 3, height = 1): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt16LE(width, 0)
  size.writeUInt16LE(height, 2)
  return Buffer.concat([Buffer.from('GIF89a'), size, Buffer.from([0, 0, 0, 0x3b])])
}

/** Its segments alone: readers of headers look no further. */
export function jpeg(width = 4, height = 5): Buffer {
  const frame = Buffer.from([0xff, 0xc0, 0, 11, 8, 0, 0, 0, 0, 1, 1, 0x11, 0])
  frame.writeUInt16BE(height, 5)
  frame.writeUInt16BE(width, 7)
  const start = [0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]
  return Buffer.concat([Buffer.from(start), frame, Buffer.from([0xff, 0xda, 0, 2, 0, 0xff, 0xd9])])
}

/** Its extended header alone. */
export function webp(width = 6, height = 7): Buffer {
  const body = Buffer.alloc(22)
  body.write('WEBPVP8X', 0, 'latin1')
  body.writeUInt32LE(10, 8)
  body.writeUIntLE(width - 1, 16, 3)
  body.writeUIntLE(height - 1, 19, 3)
  const head = Buffer.alloc(8)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(body.length, 4)
  return Buffer.concat([head, body])
}

/** @param compressed whether the pages stand in a compressed stream, as since version 1.5 */
export function pdf(pages = 1, { compressed = false, extra = '' } = {}): Buffer {
  const objects = Array.from({ length: pages }, (_, n) => `<< /Type /Page /Parent 2 0 R /N ${n} >>`)
  const stream = deflateSync(Buffer.from(objects.join('\n')))
  const kept = compressed
    ? Buffer.concat([
        Buffer.from(
          `4 0 obj\n<< /Type /ObjStm /N ${pages} /Filter /FlateDecode /Length ${stream.length} >>\nstream\n`,
        ),
        stream,
        Buffer.from('\nendstream\nendobj\n'),
      ])
    : Buffer.from(objects.map((object, n) => `${n + 4} 0 obj\n${object}\nendobj\n`).join(''))
  return Buffer.concat([
    Buffer.from(
      '%PDF-1.5\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages >>\nendobj\n',
    ),
    kept,
    Buffer.from(`trailer\n<< /Root 1 0 R ${extra} >>\nstartxref\n0\n%%EOF\n`),
  ])
}
