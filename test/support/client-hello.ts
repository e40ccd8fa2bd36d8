/** Writes ClientHello messages byte by byte, the sound ones and the others. */

/** What a hello says; what is left out is as a modern client has it. */
export interface HelloParts {
  readonly serverName?: string | null
  readonly alpn?: readonly string[]
  readonly versions?: readonly number[]
  readonly cipherSuites?: readonly number[]
  readonly signatureSchemes?: readonly number[]
  /** Further extensions, in front of the others. */
  readonly extensions?: readonly (readonly [number, Buffer])[]
  /** Replaces the body of the server_name extension. */
  readonly serverNameBody?: Buffer
}

/** A vector with its length in front, in `size` bytes. */
export function vector(size: 1 | 2 | 3, ...parts: readonly (Uint8Array | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)))
  const length = Buffer.alloc(size)
  length.writeUIntBE(content.length, 0, size)
  return Buffer.concat([length, content])
}

function numbers(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2)
  values.forEach((value, index) => bytes.writeUInt16BE(value, index * 2))
  return bytes
}

function extension(type: number, body: Uint8Array): Buffer {
  return Buffer.concat([numbers([type]), vector(2, body)])
}

/** The handshake message. */
export function helloMessage(parts: HelloParts = {}): Buffer {
  const {
    serverName = 'a.local',
    alpn = ['h2', 'http/1.1'],
    versions = [0x0304, 0x0303],
    cipherSuites = [0x1301, 0xc02b],
    signatureSchemes = [0x0403],
  } = parts
  const extensions = (parts.extensions ?? []).map(([type, body]) => extension(type, body))
  if (parts.serverNameBody !== undefined) extensions.push(extension(0, parts.serverNameBody))
  else if (serverName !== null) extensions.push(extension(0, vector(2, Buffer.from([0]), vector(2, serverName))))
  if (alpn.length > 0) extensions.push(extension(16, vector(2, ...alpn.map((name) => vector(1, name)))))
  if (versions.length > 0) extensions.push(extension(43, vector(1, numbers(versions))))
  if (signatureSchemes.length > 0) extensions.push(extension(13, vector(2, numbers(signatureSchemes))))
  const body = [
    numbers([0x0303]),
    Buffer.alloc(32, 7),
    vector(1, Buffer.alloc(32)),
    vector(2, numbers(cipherSuites)),
    vector(1, Buffer.from([0])),
    vector(2, ...extensions),
  ]
  return Buffer.concat([Buffer.from([1]), vector(3, ...body)])
}

/** The message in records of at most `recordBytes`. */
export function helloRecords(message: Buffer, recordBytes = 16_384): Buffer {
  const records: Buffer[] = []
  for (let at = 0; at < message.length; at += recordBytes) {
    records.push(Buffer.concat([Buffer.from([22, 3, 1]), vector(2, message.subarray(at, at + recordBytes))]))
  }
  return Buffer.concat(records)
}
