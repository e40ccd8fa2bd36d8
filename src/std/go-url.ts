/**
 * URLs as Go's `net/url` reads and writes them, on byte strings (one character a byte). Where a middleware makes a URL from parts of a request,
 * what is sent out is what Go would have made of it. WHATWG's `URL` reads differently: it folds backslashes, resolves dots, drops tabs.
 */

import { parseIp } from './cidr.ts'

/** Parts of a URL, each as it is written again. */
export interface GoUrl {
  /** In lower case; '' when there is none. */
  readonly scheme: string
  /** What stands behind the scheme of a URL such as `mailto:a@b`; '' otherwise. */
  readonly opaque: string
  /** User and password with the `@`; '' when there is none. */
  readonly user: string
  /** Host and port. */
  readonly host: string
  /** True when there was `//` in front of the host. */
  readonly hasAuthority: boolean
  readonly path: string
  /** With the `?`; '' when there is none. */
  readonly query: string
  /** With the `#`; '' when there is none or it is empty. */
  readonly fragment: string
}

const upperHex = '0123456789ABCDEF'

function isHex(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102)
}

/** Whether every percent sign begins an escape. */
function escapesAreSound(text: string): boolean {
  for (let at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 1)) {
    if (!isHex(text.charCodeAt(at + 1)) || !isHex(text.charCodeAt(at + 2))) return false
  }
  return true
}

function decode(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** Escapes every byte that is not in the class. */
function encode(text: string, kept: RegExp): string {
  let out = ''
  for (const char of text) {
    const code = char.charCodeAt(0)
    out += kept.test(char) ? char : `%${upperHex[code >> 4] ?? ''}${upperHex[code & 15] ?? ''}`
  }
  return out
}

/** What stands in each part without an escape when it is written anew. */
const writtenPath = /[A-Za-z0-9\-._~$&+,/:;=@]/
const writtenFragment = /[A-Za-z0-9\-._~$&+,/:;=?@!()*]/
const writtenHost = /[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"]/
const writtenUser = /[A-Za-z0-9\-._~$&+,;=]/

/** What may stand in a path or a fragment that keeps the form in which it came. */
const soundPath = /^[A-Za-z0-9\-._~!$&'()*+,;=:@[\]/%]*$/
const soundFragment = /^[A-Za-z0-9\-._~!$&'()*+,;=:@[\]/%?]*$/

/** A part in the form in which Go writes it: as it came where that is sound, else decoded and escaped anew; undefined when it cannot be read. */
function writtenForm(text: string, sound: RegExp, kept: RegExp): string | undefined {
  if (!escapesAreSound(text)) return undefined
  return sound.test(text) ? text : encode(decode(text), kept)
}

/** Reads a URL; undefined when Go's `url.Parse` fails. */
export function parseGoUrl(text: string): GoUrl | undefined {
  const hash = text.indexOf('#')
  const front = hash < 0 ? text : text.slice(0, hash)
  const fragment = hash < 0 || hash === text.length - 1 ? '' : writtenForm(text.slice(hash + 1), soundFragment, writtenFragment)
  if (fragment === undefined || hasControl(front)) return undefined
  const scheme = readScheme(front)
  if (scheme === undefined) return undefined
  const behind = scheme === '' ? front : front.slice(scheme.length + 1)
  const mark = behind.indexOf('?')
  const query = mark < 0 ? '' : behind.slice(mark)
  const rest = mark < 0 ? behind : behind.slice(0, mark)
  const common = { scheme: scheme.toLowerCase(), query, fragment: fragment === '' ? '' : `#${fragment}` }
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...common, opaque: rest, user: '', host: '', hasAuthority: false, path: '' }
    if ((rest.split('/')[0] ?? '').includes(':')) return undefined
  }
  return readHierarchy(rest, common)
}

/** Writes a URL. */
export function formatGoUrl(url: GoUrl): string {
  const scheme = url.scheme === '' ? '' : `${url.scheme}:`
  if (url.opaque !== '') return scheme + url.opaque + url.query + url.fragment
  const authority = url.hasAuthority && (url.host !== '' || url.path !== '' || url.user !== '') ? `//${url.user}${url.host}` : ''
  return scheme + authority + url.path + url.query + url.fragment
}

function readHierarchy(rest: string, common: Pick<GoUrl, 'scheme' | 'query' | 'fragment'>): GoUrl | undefined {
  const hasAuthority = rest.startsWith('//') && (common.scheme !== '' || !rest.startsWith('///'))
  let user = ''
  let host = ''
  let pathText = rest
  if (hasAuthority) {
    const slash = rest.indexOf('/', 2)
    const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash)
    pathText = slash < 0 ? '' : rest.slice(slash)
    const at = authority.lastIndexOf('@')
    const readUser = at < 0 ? '' : writtenUserInfo(authority.slice(0, at))
    const readHost = writtenHostPort(authority.slice(at + 1), common.scheme)
    if (readUser === undefined || readHost === undefined) return undefined
    user = readUser
    host = readHost
  }
  const path = writtenForm(pathText, soundPath, writtenPath)
  return path === undefined ? undefined : { ...common, opaque: '', user, host, hasAuthority, path }
}

/** The scheme as written; '' when there is none, undefined when there is a colon with nothing in front. */
function readScheme(text: string): string | undefined {
  if (text.startsWith(':')) return undefined
  return /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1] ?? ''
}

function hasControl(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code < 32 || code === 127) return true
  }
  return false
}

function writtenUserInfo(text: string): string | undefined {
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(text) || !escapesAreSound(text)) return undefined
  const colon = text.indexOf(':')
  const name = encode(decode(colon < 0 ? text : text.slice(0, colon)), writtenUser)
  return colon < 0 ? `${name}@` : `${name}:${encode(decode(text.slice(colon + 1)), writtenUser)}@`
}

function writtenHostPort(text: string, scheme: string): string | undefined {
  if (text.startsWith('[')) {
    const end = text.lastIndexOf(']')
    if (end < 0 || !/^(?::\d*)?$/.test(text.slice(end + 1))) return undefined
    const [address = '', zone = 'x', ...more] = text.slice(1, end).split('%25')
    const isSound = address.includes(':') && parseIp(address) !== undefined && more.length === 0 && /^[A-Za-z0-9\-._~]+$/.test(zone)
    return isSound ? text : undefined
  }
  // More than one colon needs brackets, where Go knows the scheme.
  const colon = scheme === 'http' || scheme === 'https' ? text.indexOf(':') : text.lastIndexOf(':')
  if ((colon >= 0 && !/^:\d*$/.test(text.slice(colon))) || text.includes('[')) return undefined
  // Only bytes beyond ASCII may be escaped in a host, and the percent sign itself.
  if (!escapesAreSound(text) || /%(?!25)[0-7]/.test(text)) return undefined
  for (const char of text) if (char !== '%' && char.charCodeAt(0) < 128 && !writtenHost.test(char)) return undefined
  return encode(decode(text), writtenHost)
}
