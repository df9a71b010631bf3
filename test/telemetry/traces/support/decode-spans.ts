/*
 * Reads an ExportTraceServiceRequest of OTLP as far as tests look at it. The exporter's package writes the format and does not read it.
 */

export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  /** Empty for a span without a parent. */
  readonly parentSpanId: string
  readonly name: string
  /** 1 is internal, 3 a client. */
  readonly kind: number
  readonly startNs: bigint
  readonly endNs: bigint
  readonly attributes: Readonly<Record<string, unknown>>
  /** 2 is an error. */
  readonly status: number
  readonly linkedSpanIds: readonly string[]
  readonly resource: Readonly<Record<string, unknown>>
}

export function decodeSpans(body: Buffer): ReceivedSpan[] {
  return messages(body, 1).flatMap((resourceSpans) => {
    const resource = attributesOf(messages(resourceSpans, 1)[0] ?? Buffer.alloc(0), 1)
    return messages(resourceSpans, 2)
      .flatMap((scopeSpans) => messages(scopeSpans, 2))
      .map((span) => toSpan(span, resource))
  })
}

function toSpan(span: Buffer, resource: ReceivedSpan['resource']): ReceivedSpan {
  return {
    traceId: hex(span, 1),
    spanId: hex(span, 2),
    parentSpanId: hex(span, 4),
    name: text(span, 5),
    kind: Number(numbers(span, 6)[0] ?? 0n),
    startNs: numbers(span, 7)[0] ?? 0n,
    endNs: numbers(span, 8)[0] ?? 0n,
    attributes: attributesOf(span, 9),
    status: Number(numbers(messages(span, 15)[0] ?? Buffer.alloc(0), 3)[0] ?? 0n),
    linkedSpanIds: messages(span, 13).map((link) => hex(link, 2)),
    resource,
  }
}

function attributesOf(message: Buffer, field: number): Record<string, unknown> {
  return Object.fromEntries(
    messages(message, field).map((pair) => [
      text(pair, 1),
      anyValueOf(messages(pair, 2)[0] ?? Buffer.alloc(0)),
    ]),
  )
}

/** `AnyValue`: text, a boolean, a whole number, a fraction, or a list. */
function anyValueOf(value: Buffer): unknown {
  const [first] = fieldsOf(value)
  switch (first?.field) {
    case 1:
      return Buffer.from(first.bytes).toString('utf8')
    case 2:
      return first.number === 1n
    case 3:
      return Number(BigInt.asIntN(64, first.number))
    case 4: {
      const bits = Buffer.alloc(8)
      bits.writeBigUInt64LE(first.number)
      return bits.readDoubleLE()
    }
    case 5:
      return messages(first.bytes, 1).map(anyValueOf)
    default:
      return undefined
  }
}

interface Field {
  readonly field: number
  readonly number: bigint
  readonly bytes: Buffer
}

function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = []
  let at = 0

  function varint(): bigint {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at)
      at += 1
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }

  while (at < message.length) {
    const tag = Number(varint())
    const field = tag >> 3
    switch (tag & 7) {
      case 0:
        fields.push({ field, number: varint(), bytes: Buffer.alloc(0) })
        break
      case 1:
        fields.push({ field, number: message.readBigUInt64LE(at), bytes: Buffer.alloc(0) })
        at += 8
        break
      case 2: {
        const length = Number(varint())
        fields.push({ field, number: 0n, bytes: message.subarray(at, at + length) })
        at += length
        break
      }
      case 5:
        fields.push({ field, number: BigInt(message.readUInt32LE(at)), bytes: Buffer.alloc(0) })
        at += 4
        break
      default:
        throw new Error(`Wire type ${tag & 7} at byte ${at}`)
    }
  }
  return fields
}

function messages(message: Buffer, field: number): Buffer[] {
  return fieldsOf(message)
    .filter((one) => one.field === field)
    .map(({ bytes }) => bytes)
}

function numbers(message: Buffer, field: number): bigint[] {
  return fieldsOf(message)
    .filter((one) => one.field === field)
    .map(({ number }) => number)
}

function text(message: Buffer, field: number): string {
  return messages(message, field)[0]?.toString('utf8') ?? ''
}

function hex(message: Buffer, field: number): string {
  return messages(message, field)[0]?.toString('hex') ?? ''
}
