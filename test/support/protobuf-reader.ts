/** Reads protobuf messages without their schema: fields by number, for tests that look at what was encoded. */

/** A field: a number, or bytes. */
export interface ProtoField {
  readonly number: number
  /** Of varints and fixed numbers; 0 for bytes. */
  readonly value: bigint
  readonly bytes: Buffer
}

/** The fields of a message in order. */
export function readProto(message: Buffer): ProtoField[] {
  const fields: ProtoField[] = []
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at]
      if (byte === undefined) throw new Error('message ends within a number')
      at += 1
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (at < message.length) {
    const tag = Number(varint())
    const [number, kind] = [tag >> 3, tag & 7]
    if (kind === 0) fields.push({ number, value: varint(), bytes: Buffer.alloc(0) })
    else {
      const length = kind === 1 ? 8 : kind === 5 ? 4 : Number(varint())
      const bytes = message.subarray(at, at + length)
      if (bytes.length < length) throw new Error('message ends within a field')
      at += length
      fields.push({ number, value: kind === 1 ? bytes.readBigUInt64LE() : 0n, bytes })
    }
  }
  return fields
}

/** The bytes of all fields of a number. */
export function protoBytes(message: Buffer, number: number): Buffer[] {
  return readProto(message)
    .filter((field) => field.number === number)
    .map((field) => field.bytes)
}

/** The text of the first field of a number. */
export function protoText(message: Buffer, number: number): string {
  return protoBytes(message, number)[0]?.toString() ?? ''
}
