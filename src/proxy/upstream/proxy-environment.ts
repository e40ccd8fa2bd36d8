/**
 * HTTP_PROXY, HTTPS_PROXY and NO_PROXY for connections to servers, with the rules of Go's httpproxy: upper case before lower case; localhost and
 * loopback addresses are never proxied; NO_PROXY lists names (with their subdomains), `.names` (subdomains only), addresses, ranges and ports.
 */
import { BlockList, isIP, isIPv6 } from 'node:net'
import { parseServerUrl } from './server-url.ts'

/** A forward proxy. */
export interface ForwardProxy {
  readonly host: string
  readonly port: number
  readonly isTls: boolean
  /** Value of Proxy-Authorization, '' when the URL has no user. */
  readonly authorization: string
  /** False when the variable's URL cannot be used: its requests fail, rather than go where they should not. */
  readonly isUsable: boolean
}

/** Finds the proxy for a server; `null` is a direct connection. */
export type ProxyFor = (host: string, port: number, isTls: boolean) => ForwardProxy | null

/** Reads the variables once. `onError` is told of each whose URL cannot be used. */
export function proxyFromEnvironment(env: Readonly<Record<string, string | undefined>>, onError: (problem: Error) => void): ProxyFor {
  const plain = readProxy(env, 'HTTP_PROXY', onError)
  const secure = readProxy(env, 'HTTPS_PROXY', onError)
  if (plain === null && secure === null) return () => null
  const isExempt = parseNoProxy(env['NO_PROXY'] ?? env['no_proxy'] ?? '')
  return (host, port, isTls) => {
    const proxy = isTls ? secure : plain
    return proxy === null || isLocal(host) || isExempt(host.toLowerCase(), port) ? null : proxy
  }
}

function readProxy(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  onError: (problem: Error) => void,
): ForwardProxy | null {
  const value = env[name] ?? env[name.toLowerCase()] ?? ''
  if (value === '') return null
  try {
    return parseProxy(value)
  } catch (cause) {
    // The value may hold a password: it is not repeated (R45).
    onError(new Error(`${name}: ${cause instanceof ProxyError ? cause.message : 'invalid url'}; requests that need it are refused`))
    return { host: '', port: 0, isTls: false, authorization: '', isUsable: false }
  }
}

class ProxyError extends Error {}

function parseProxy(value: string): ForwardProxy {
  const url = value.includes('://') ? value : `http://${value}`
  const address = parseServerUrl(url)
  if (address.scheme !== 'http' && address.scheme !== 'https')
    throw new ProxyError(`proxy scheme ${JSON.stringify(address.scheme)} is not supported, http and https are`)
  if (address.host === '') throw new ProxyError('proxy url has no host')
  const user = /^[^:]+:\/\/([^/?#]*)@/.exec(url)?.[1]
  const authorization = user === undefined ? '' : `Basic ${Buffer.from(decodeUser(user)).toString('base64')}`
  return { host: address.host, port: address.port, isTls: address.scheme === 'https', authorization, isUsable: true }
}

function decodeUser(user: string): string {
  try {
    return decodeURIComponent(user.includes(':') ? user : `${user}:`)
  } catch {
    return user
  }
}

function isLocal(host: string): boolean {
  if (host === 'localhost' || host === '') return true
  return isIP(host) !== 0 && loopback.check(host, isIPv6(host) ? 'ipv6' : 'ipv4')
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

/** Whether a host is on the list. */
function parseNoProxy(list: string): (host: string, port: number) => boolean {
  const ranges = new BlockList()
  const names: { readonly suffix: string; readonly itself: boolean; readonly port: number }[] = []
  for (const item of list.split(',')) {
    const entry = item.trim().toLowerCase()
    if (entry === '') continue
    if (entry === '*') return () => true
    if (addRange(ranges, entry)) continue
    const { name, port } = splitPort(entry)
    const plain = name.startsWith('*.') ? name.slice(1) : name
    names.push({ suffix: plain.startsWith('.') ? plain : `.${plain}`, itself: !plain.startsWith('.'), port })
  }
  return (host, port) => {
    const family = isIP(host)
    if (family !== 0 && ranges.check(host, family === 6 ? 'ipv6' : 'ipv4')) return true
    return names.some(
      (entry) =>
        (entry.port === 0 || entry.port === port) && (host.endsWith(entry.suffix) || (entry.itself && host === entry.suffix.slice(1))),
    )
  }
}

function addRange(ranges: BlockList, entry: string): boolean {
  const slash = entry.indexOf('/')
  const address = slash < 0 ? entry : entry.slice(0, slash)
  const family = isIP(address)
  if (family === 0) return false
  const type = family === 6 ? 'ipv6' : 'ipv4'
  const bits = slash < 0 ? (family === 6 ? 128 : 32) : Number(entry.slice(slash + 1))
  if (!Number.isInteger(bits) || bits < 0 || bits > (family === 6 ? 128 : 32)) return true
  ranges.addSubnet(address, bits, type)
  return true
}

function splitPort(entry: string): { name: string; port: number } {
  const match = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry)
  const name = match?.[1] ?? entry
  return { name: name.startsWith('[') ? name.slice(1, -1) : name, port: Number(match?.[2] ?? 0) }
}
