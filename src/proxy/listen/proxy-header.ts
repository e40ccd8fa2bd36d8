/**
 * Reads headers of the PROXY protocol (HAProxy's proxy-protocol.txt), versions 1 and 2. What is doubtful is refused, since the address in it decides
 * who may do what.
 */
import { isIPv4, isIPv6 } from 'node:net'
import { formatIp, parseIp } from '../../std/cidr.ts'
import { signature2 } from '../stream/proxy-header.ts'

/** Longest header of version 1, its line end included, in bytes. */
const header1BytesMax = 107
/** Bytes of a header of version 2 before its addresses. */
const header2Bytes = 16
/** Both paths of a UNIX socket in a header of version 2, in bytes. */
const unixBytes = 216
const signature1 = Buffer.from('PROXY ', 'latin1')
const lineFeed = 10

/** Both ends of the client's connection, as a header tells them. */
export interface ProxiedAddresses {
  readonly remoteIp: string
  readonly remotePort: number
  readonly localIp: string
  readonly localPort: number
}

/** What stands at the beginning of a connection. */
export type ProxyHeader =
  /** A header of so many bytes; without addresses those of the connection count. */
  | { readonly length: number; readonly addresses: ProxiedAddresses | null }
  /** Some of it is missing. */
  | 'more'
  /** Something else. */
  | 'none'
  /** A header that cannot be understood. */
  | 'invalid'

/** Reads the header that bytes begin with. */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  const first = bytes[0]
  if (first === undefined) return 'more'
  const signature = first === signature1[0] ? signature1 : signature2
  const length = Math.min(bytes.length, signature.length)
  for (let index = 0; index < length; index += 1) if (bytes[index] !== signature[index]) return 'none'
  if (length < signature.length) return 'more'
  return signature === signature1 ? readVersion1(bytes) : readVersion2(bytes)
}

function readVersion1(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, header1BytesMax).indexOf(lineFeed)
  if (end < 0) return bytes.length >= header1BytesMax ? 'invalid' : 'more'
  const line = bytes.latin1Slice(0, end)
  if (!line.endsWith('\r')) return 'invalid'
  const parts = line.slice(0, -1).split(' ')
  const [, family, source = '', target = '', sourcePort = '', targetPort = ''] = parts
  if (family === 'UNKNOWN') return { length: end + 1, addresses: null }
  if (parts.length !== 6) return 'invalid'
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isAnyAddress : null
  if (isAddress === null || !isAddress(source) || !isAddress(target)) return 'invalid'
  const remotePort = portOf(sourcePort)
  const localPort = portOf(targetPort)
  if (remotePort < 0 || localPort < 0) return 'invalid'
  return { length: end + 1, addresses: { remoteIp: plain(source), remotePort, localIp: plain(target), localPort } }
}

function isAnyAddress(text: string): boolean {
  return isIPv4(text) || (isIPv6(text) && !text.includes('%'))
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1
  return port > 65_535 ? -1 : port
}

function readVersion2(bytes: Buffer): ProxyHeader {
  if (bytes.length < header2Bytes) return 'more'
  const command = bytes[12] ?? 0
  const family = bytes[13] ?? 0
  const length = header2Bytes + bytes.readUInt16BE(14)
  if (command !== 0x20 && command !== 0x21) return 'invalid'
  if (bytes.length < length) return 'more'
  // LOCAL: the proxy speaks for itself, whatever else it says.
  if (command === 0x20) return { length, addresses: null }
  return readAddresses2(bytes.subarray(header2Bytes, length), family, length)
}

function readAddresses2(block: Buffer, family: number, length: number): ProxyHeader {
  // Transport 1 is a stream, 2 datagrams.
  if ((family & 0xf) !== 1 && (family & 0xf) !== 2) return 'invalid'
  const kind = family >> 4
  // Paths of UNIX sockets tell no address of the network: that of the connection counts.
  if (kind === 3) return block.length < unixBytes || !areFieldsSound(block.subarray(unixBytes)) ? 'invalid' : { length, addresses: null }
  const size = kind === 1 ? 4 : kind === 2 ? 16 : 0
  if (size === 0 || block.length < size * 2 + 4 || !areFieldsSound(block.subarray(size * 2 + 4))) return 'invalid'
  return {
    length,
    addresses: {
      remoteIp: addressOf(block.subarray(0, size)),
      remotePort: block.readUInt16BE(size * 2),
      localIp: addressOf(block.subarray(size, size * 2)),
      localPort: block.readUInt16BE(size * 2 + 2),
    },
  }
}

/** Further fields (TLV) must fill their space; their content is not used. */
function areFieldsSound(fields: Buffer): boolean {
  let at = 0
  while (at < fields.length) {
    if (at + 3 > fields.length) return false
    at += 3 + fields.readUInt16BE(at + 1)
  }
  return at === fields.length
}

function addressOf(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups: string[] = []
  for (let index = 0; index < 16; index += 2) groups.push(bytes.readUInt16BE(index).toString(16))
  return plain(groups.join(':'))
}

/** One spelling for each address, IPv4-mapped ones written as IPv4. */
function plain(text: string): string {
  const ip = parseIp(text)
  return ip === undefined ? text : formatIp(ip)
}
