import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateSync } from 'node:zlib'
import { FILES } from '../../../src/policies/operations/files.ts'
import { type FileFault, type InspectedFile, inspectFile } from '../../../src/security/files/inspect-file.ts'
import { gif, jpeg, pdf, png, webp } from '../../support/sample-files.ts'

const BOUNDS = { pdfObjectBytes: 100_000, pdfObjectStreams: 3 }
const text = (content: string) => Buffer.from(content)

const TAKEN: readonly (readonly [name: string, content: Buffer, found: InspectedFile])[] = [
  ['a PNG', png(20, 10), { type: 'image/png', width: 20, height: 10 }],
  ['a PNG of huge size', png(60_000, 60_000), { type: 'image/png', width: 60_000, height: 60_000 }],
  ['a JPEG', jpeg(300, 200), { type: 'image/jpeg', width: 300, height: 200 }],
  [
    'a JPEG with more behind its end',
    Buffer.concat([jpeg(), text('film')]),
    { type: 'image/jpeg', width: 4, height: 5 },
  ],
  ['a GIF', gif(3, 1), { type: 'image/gif', width: 3, height: 1 }],
  ['a WebP', webp(16_000, 7), { type: 'image/webp', width: 16_000, height: 7 }],
  ['a PDF', pdf(3), { type: 'application/pdf', pages: 3 }],
  ['a PDF with compressed pages', pdf(7, { compressed: true }), { type: 'application/pdf', pages: 7 }],
]

for (const [name, content, found] of TAKEN) {
  test(`${name} is known by its content, with its extent`, async () => {
    assert.deepEqual(await inspectFile(content, BOUNDS), found)
  })
}

const zip = Buffer.from('504b0304140000000000', 'hex')
const svg = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

const REFUSED: readonly (readonly [name: string, content: Buffer, fault: FileFault])[] = [
  ['nothing', text(''), 'other_type'],
  ['a text', text('hello'), 'other_type'],
  ['HTML', text('<!doctype html><script>alert(1)</script>'), 'other_type'],
  ['SVG', text(svg), 'other_type'],
  ['SVG without its declaration', text(svg.slice(21)), 'other_type'],
  ['a ZIP', zip, 'other_type'],
  ['a BMP', Buffer.concat([text('BM'), Buffer.alloc(60)]), 'other_type'],
  ['HTML that ends as a PDF', text('<html><body>%PDF-1.4 %%EOF</body></html>'), 'other_type'],
  ['a PNG with a ZIP behind it', Buffer.concat([png(), zip]), 'damaged'],
  ['a PNG with HTML behind it', Buffer.concat([png(), text('<script>alert(1)</script>')]), 'damaged'],
  ['a PNG that is cut off', png(50, 50).subarray(0, -8), 'damaged'],
  ['the signature of a PNG alone', png().subarray(0, 8), 'other_type'],
  ['a PNG without width', png(0, 5, false), 'damaged'],
  ['a GIF of script', text('GIF89a/*<script>*/=1;alert(1)//'), 'damaged'],
  ['a GIF that is cut off', gif().subarray(0, -1), 'damaged'],
  ['a JPEG that is cut off', jpeg().subarray(0, -2), 'damaged'],
  ['a JPEG without a frame', Buffer.concat([jpeg().subarray(0, 20), Buffer.from([0xff, 0xd9])]), 'damaged'],
  ['a WebP that is cut off', webp().subarray(0, -3), 'damaged'],
  ['a WebP with more behind it', Buffer.concat([webp(), text('<script>')]), 'damaged'],
  ['a PDF that is cut off', pdf().subarray(0, -8), 'damaged'],
  ['a PDF without pages', pdf(0), 'damaged'],
  ['a PDF with a password', pdf(1, { extra: '/Encrypt 9 0 R' }), 'encrypted'],
  ['a PDF whose objects come to too much', pdf(10_000, { compressed: true }), 'damaged'],
  [
    'a PDF that hides its pages behind another filter',
    Buffer.from(pdf(2, { compressed: true }).toString('latin1').replace('stream\nx', 'stream\ny'), 'latin1'),
    'damaged',
  ],
]

for (const [name, content, fault] of REFUSED) {
  test(`${name} is not taken: ${fault}`, async () => {
    assert.equal(await inspectFile(content, BOUNDS), fault)
  })
}

test('no beginning of a file is taken, or makes the reader throw', async () => {
  for (const whole of [png(), jpeg(), gif(), webp(), pdf(2, { compressed: true })])
    for (let length = 0; length < whole.length - 1; length += 1)
      assert.equal(typeof (await inspectFile(whole.subarray(0, length), BOUNDS)), 'string', `${length} bytes`)
})

const MIB = 1_048_576
const around = (content: Buffer) => Buffer.concat([text('%PDF-1.5\n/Type/Page \n'), content, text('\n%%EOF')])
const empty = deflateSync(Buffer.alloc(0))
const open = Buffer.concat([text('/Type/ObjStm stream\n'), empty])
const closed = Buffer.concat([open, text('\nendstream\n')])
const head = '/Type/ObjStm'

const SLOW: readonly (readonly [name: string, content: Buffer])[] = [
  ['streams of which only the last one ends', Buffer.concat([Buffer.alloc(MIB, open), text('endstream')])],
  ['heads without a stream', Buffer.alloc(16 * MIB, head)],
  ['streams that come to nothing', Buffer.alloc(16 * MIB, closed)],
  ['types of nothing', Buffer.concat([Buffer.alloc(8 * MIB, '/Type'), Buffer.alloc(8 * MIB, ' ')])],
  ['words of encryption without a key', Buffer.alloc(16 * MIB, '/Encrypt 1 1 ')],
  [
    'one stream that comes to too much',
    Buffer.concat([
      text('/Type/ObjStm stream\n'),
      deflateSync(Buffer.alloc(64 * MIB)),
      text('\nendstream\n'),
    ]),
  ],
]

for (const [name, content] of SLOW) {
  test(`a PDF of ${name} takes less than a second of processor time`, async () => {
    const before = process.cpuUsage()
    await inspectFile(around(content), FILES)
    const { user, system } = process.cpuUsage(before)
    assert.ok(user + system < 1_000_000, `${(user + system) / 1_000} ms`)
  })
}

test('a PDF has as many streams with objects as it may have, each counted', async () => {
  const pages = deflateSync(text('<< /Type /Page >>'))
  const stream = Buffer.concat([text('/Type /ObjStm >>\r\nstream\r\n'), pages, text('\nendstream\n')])
  const of = (count: number) => inspectFile(around(Buffer.concat(Array(count).fill(stream))), BOUNDS)
  assert.deepEqual(await of(3), { type: 'application/pdf', pages: 4 })
  assert.equal(await of(4), 'damaged')
})

const ODD: readonly (readonly [name: string, content: Buffer])[] = [
  ['in the data of another one', Buffer.concat([open, closed])],
  [
    'whose head has no end',
    Buffer.concat([text(head), Buffer.alloc(1_024, ' '), closed.subarray(head.length)]),
  ],
  ['without an end', open],
]

for (const [name, content] of ODD) {
  test(`a PDF with a stream of objects ${name} is not taken: damaged`, async () => {
    assert.equal(await inspectFile(around(content), BOUNDS), 'damaged')
  })
}
