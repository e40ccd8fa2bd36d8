/**
 * Reads the ClientHello of a TLS connection (RFC 8446 §4.1.2) before OpenSSL sees it, since server name and protocols decide who takes the
 * connection. It may be spread over any number of segments and records; what is doubtful is refused, so that the decision made here and the
 * handshake made there never rest on different readings.
 */
import { canonicalHost } from '../http/host.ts'

/** Largest ClientHello that is read, in bytes; with post-quantum key shares one has about 2 KiB. */
export const clientHelloBytesMax = 64 * 1024
/** Most records that it may be spread over. */
export const clientHelloRecordsMax = 2048

/** What a client says of itself. */
export interface ClientHello {
  /** Canonical: lower case, no trailing dot; '' when the client names no server. */
  readonly serverName: string
  /** Application protocols on offer (RFC 7301), in the client's order; one character per byte. */
  readonly alpn: readonly string[]
  /** Versions on offer as numbers on the wire, 0x0303 for TLS 1.2. */
  readonly versions: readonly number[]
  readonly cipherSuites: readonly number[]
  /** Signature schemes (RFC 8446 §4.2.3); empty when the client names none. */
  readonly signatureSchemes: readonly number[]
}

const headerLength = 5
const handshakeRecord = 22
const clientHelloMessage = 1
/** RFC 8446 §5.1: the longest plaintext of a record. */
const recordBytesMax = 16 * 1024

const extensionNumbers = { serverName: 0, signatureAlgorithms: 13, alpn: 16, supportedVersions: 43 } as const

/** True when a connection that begins with this byte is TLS; 0x80 begins a hello of SSL 2, which `parseClientHello` refuses. */
export function looksLikeTls(firstByte: number): boolean {
  return firstByte === handshakeRecord || firstByte === 0x80
}

/**
 * Parses all that has arrived so far: a ClientHello, 'more' while some of it is missing, or 'invalid' when the connection cannot be trusted to
 * mean what it seems to (then it is closed, never served by default).
 */
export function parseClientHello(bytes: Uint8Array): ClientHello | 'more' | 'invalid' {
  const message = assemble(bytes)
  if (typeof message === 'string') return message
  try {
    return readHello(new Reader(message))
  } catch (cause) {
    if (cause instanceof Malformed) return 'invalid'
    throw cause
  }
}

/** Puts the message together from its records, without the four bytes of its header. */
function assemble(bytes: Uint8Array): Uint8Array | 'more' | 'invalid' {
  const parts: Uint8Array[] = []
  let have = 0
  let need = 4
  let head = 0
  for (let at = 0, records = 0; ; records += 1) {
    if (at >= bytes.length) return 'more'
    if (records >= clientHelloRecordsMax || bytes[at] !== handshakeRecord) return 'invalid'
    // RFC 8446 §5.1: the minor version is to be ignored.
    if (bytes.length > at + 1 && bytes[at + 1] !== 3) return 'invalid'
    if (bytes.length < at + headerLength) return 'more'
    const length = ((bytes[at + 3] ?? 0) << 8) | (bytes[at + 4] ?? 0)
    if (length === 0 || length > recordBytesMax) return 'invalid'
    const part = bytes.subarray(at + headerLength, at + headerLength + length)
    for (let index = 0; index < part.length && have + index < 4; index += 1) head = head * 256 + (part[index] ?? 0)
    if (have === 0 && part.length > 0 && part[0] !== clientHelloMessage) return 'invalid'
    have += part.length
    parts.push(part)
    if (have >= 4) need = 4 + (head % 0x1000000)
    if (need > clientHelloBytesMax) return 'invalid'
    if (have >= need && need > 4) return (parts.length === 1 ? part : Buffer.concat(parts)).subarray(4, need)
    if (have >= 4 && need === 4) return 'invalid'
    if (part.length < length) return 'more'
    at += headerLength + length
  }
}

/** What does not follow the format. */
class Malformed extends Error {}

/** Reads numbers and vectors between two places; throws `Malformed` where bytes are missing. */
class Reader {
  readonly #bytes: Uint8Array
  readonly #end: number
  #at: number

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#at = at
    this.#end = end
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end
  }

  number(size: 1 | 2): number {
    const at = this.#take(size)
    const high = this.#bytes[at] ?? 0
    return size === 1 ? high : (high << 8) | (this.#bytes[at + 1] ?? 0)
  }

  skip(length: number): void {
    this.#take(length)
  }

  /** A vector with its length in front, in `size` bytes. */
  vector(size: 1 | 2): Reader {
    const length = this.number(size)
    const at = this.#take(length)
    return new Reader(this.#bytes, at, at + length)
  }

  numbers(size: 1 | 2): number[] {
    const vector = this.vector(size)
    const list: number[] = []
    while (!vector.isAtEnd) list.push(vector.number(2))
    return list
  }

  text(): string {
    return Buffer.from(this.#bytes.subarray(this.#at, this.#end)).toString('latin1')
  }

  /** The end must be here. */
  finish(): void {
    if (!this.isAtEnd) throw new Malformed()
  }

  /** Goes on by so many bytes, and gives the place where they begin. */
  #take(length: number): number {
    const at = this.#at
    if (at + length > this.#end) throw new Malformed()
    this.#at = at + length
    return at
  }
}

function readHello(reader: Reader): ClientHello {
  const legacyVersion = reader.number(2)
  reader.skip(32)
  reader.vector(1)
  const cipherSuites = reader.numbers(2)
  reader.vector(1)
  const extensions = reader.isAtEnd ? new Map<number, Reader>() : readExtensions(reader.vector(2))
  reader.finish()
  return {
    serverName: readServerName(extensions.get(extensionNumbers.serverName)),
    alpn: readAlpn(extensions.get(extensionNumbers.alpn)),
    versions: read(extensions.get(extensionNumbers.supportedVersions), (extension) => extension.numbers(1)) ?? [legacyVersion],
    cipherSuites,
    signatureSchemes: read(extensions.get(extensionNumbers.signatureAlgorithms), (extension) => extension.numbers(2)) ?? [],
  }
}

function readExtensions(reader: Reader): Map<number, Reader> {
  const extensions = new Map<number, Reader>()
  while (!reader.isAtEnd) {
    const type = reader.number(2)
    // RFC 8446 §4.2: no type may be there twice.
    if (extensions.has(type)) throw new Malformed()
    extensions.set(type, reader.vector(2))
  }
  return extensions
}

function read<T>(extension: Reader | undefined, parse: (extension: Reader) => T): T | undefined {
  if (extension === undefined) return undefined
  const value = parse(extension)
  extension.finish()
  return value
}

/** RFC 6066 §3: one name of type host_name. */
function readServerName(extension: Reader | undefined): string {
  const name = read(extension, (list) => {
    const names = list.vector(2)
    if (names.number(1) !== 0) throw new Malformed()
    const text = names.vector(2).text()
    names.finish()
    return text
  })
  if (name === undefined) return ''
  const host = canonicalHost(name)
  // Blanks, ports, brackets and bytes that are no printable ASCII have no place in a server name.
  if (host === '' || host.length !== name.length || /[^!-~]/.test(host)) throw new Malformed()
  const plain = host.endsWith('.') ? host.slice(0, -1) : host
  if (plain === '' || plain.endsWith('.')) throw new Malformed()
  return plain
}

function readAlpn(extension: Reader | undefined): string[] {
  const protocols: string[] = []
  const found = read(extension, (list) => {
    const names = list.vector(2)
    while (!names.isAtEnd) {
      const name = names.vector(1).text()
      if (name === '') throw new Malformed()
      protocols.push(name)
    }
    return protocols
  })
  return found ?? protocols
}
