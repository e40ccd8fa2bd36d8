/** Writes headers of the PROXY protocol (HAProxy's proxy-protocol.txt), versions 1 and 2. */
import { isIPv4 } from 'node:net'
import { parseIp } from '../../std/cidr.ts'
import type { ConnectionFacts } from '../http/exchange.ts'

/** What every header of version 2 begins with. */
export const signature2: Uint8Array = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')

/** The header that tells a server of a client's connection. */
export function proxyHeader(version: 1 | 2, facts: Omit<ConnectionFacts, 'tls'>): Buffer {
  const { remoteIp, remotePort, localIp, localPort } = facts
  const isV4 = isIPv4(remoteIp) && isIPv4(localIp)
  const source = bytesOf(remoteIp, isV4)
  const target = bytesOf(localIp, isV4)
  if (version === 1) {
    if (source === null || target === null) return Buffer.from('PROXY UNKNOWN\r\n', 'latin1')
    const from = isV4 ? remoteIp : asV6(remoteIp)
    const to = isV4 ? localIp : asV6(localIp)
    return Buffer.from(`PROXY ${isV4 ? 'TCP4' : 'TCP6'} ${from} ${to} ${remotePort} ${localPort}\r\n`, 'latin1')
  }
  if (source === null || target === null) return Buffer.concat([signature2, Buffer.from([0x20, 0, 0, 0])])
  const ports = Buffer.alloc(4)
  ports.writeUInt16BE(remotePort, 0)
  ports.writeUInt16BE(localPort, 2)
  const length = source.length * 2 + 4
  return Buffer.concat([signature2, Buffer.from([0x21, isV4 ? 0x11 : 0x21, 0, length]), source, target, ports])
}

/** An address in network order; IPv4 within IPv6 is mapped. Null when the text is none. */
function bytesOf(address: string, isV4: boolean): Buffer | null {
  if (isV4) return Buffer.from(address.split('.').map(Number))
  const ip = parseIp(isIPv4(address) ? asV6(address) : address)
  if (ip === undefined) return null
  const bytes = Buffer.alloc(16)
  for (const [index, word] of ip.words.entries()) bytes.writeUInt32BE(word, index * 4)
  return bytes
}

function asV6(address: string): string {
  return isIPv4(address) ? `::ffff:${address}` : address
}
