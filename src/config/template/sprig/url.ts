/** Sprig's functions for URLs, which Go's package `net/url` takes apart and puts together. */
import { toBuffer } from '../bytes.ts'
import { fn, table, type TemplateFunctions } from '../call.ts'
import { TemplateFault } from '../error.ts'
import { dict, kindOf, type GoMap } from '../value.ts'

interface UrlParts {
  scheme: string
  opaque: string
  userinfo: string | undefined
  host: string
  path: string
  query: string
  fragment: string
}

const schemeForm = /^([A-Za-z][A-Za-z0-9+.-]*):/
const userinfoForm = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/
const badEscape = /%(?![0-9A-Fa-f]{2})/
const badHost = /[\s"<>\\^`{|}\x00-\x1f\x7f]/

function unescape(text: string): string {
  const bad = badEscape.exec(text)
  if (bad !== null) throw new TemplateFault(`invalid URL escape "${text.slice(bad.index, bad.index + 3)}"`)
  return text.replaceAll(/%[0-9A-Fa-f]{2}/g, (escape) => String.fromCharCode(Number.parseInt(escape.slice(1), 16)))
}

function escapeBut(text: string, kept: RegExp): string {
  return text
    .split('')
    .map((byte) => (kept.test(byte) ? byte : `%${toBuffer(byte).toString('hex').toUpperCase()}`))
    .join('')
}

const pathKept = /[A-Za-z0-9\-_.~$&+,/:;=@]/
const fragmentKept = /[A-Za-z0-9\-_.~$&+,/:;=?@!()*]/
const userKept = /[A-Za-z0-9\-_.~$&+,;=]/

function cut(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function parseUrl(text: string): UrlParts {
  if (/[\x00-\x1f\x7f]/.test(text)) throw new TemplateFault('net/url: invalid control character in URL')
  const [before, fragment] = cut(text, '#')
  if (before.startsWith(':')) throw new TemplateFault('missing protocol scheme')
  const scheme = schemeForm.exec(before)?.[1]?.toLowerCase() ?? ''
  const [rest, query] = cut(scheme === '' ? before : before.slice(scheme.length + 1), '?')
  const parts: UrlParts = { scheme, opaque: '', userinfo: undefined, host: '', path: '', query, fragment: unescape(fragment) }
  if (!rest.startsWith('/') && scheme !== '') return { ...parts, opaque: rest }
  if (!rest.startsWith('/') && cut(rest, '/')[0].includes(':')) throw new TemplateFault('first path segment in URL cannot contain colon')
  const hasAuthority = rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'))
  if (!hasAuthority) return { ...parts, path: unescape(rest) }
  const slash = rest.indexOf('/', 2)
  const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash)
  return { ...parts, ...parseAuthority(authority), path: slash < 0 ? '' : unescape(rest.slice(slash)) }
}

function parseAuthority(authority: string): Pick<UrlParts, 'userinfo' | 'host'> {
  const at = authority.lastIndexOf('@')
  const host = authority.slice(at + 1)
  checkHost(host)
  const plain = unescape(host)
  if (at < 0) return { userinfo: undefined, host: plain }
  return { userinfo: parseUserinfo(authority.slice(0, at)), host: plain }
}

function parseUserinfo(userinfo: string): string {
  if (!userinfoForm.test(userinfo)) throw new TemplateFault('net/url: invalid userinfo')
  const colon = userinfo.indexOf(':')
  if (colon < 0) return escapeBut(unescape(userinfo), userKept)
  return `${escapeBut(unescape(userinfo.slice(0, colon)), userKept)}:${escapeBut(unescape(userinfo.slice(colon + 1)), userKept)}`
}

function checkHost(host: string): void {
  const bad = badHost.exec(host)
  if (bad !== null) throw new TemplateFault(`invalid character "${bad[0]}" in host name`)
  const close = host.lastIndexOf(']')
  if (host.startsWith('[') && close < 0) throw new TemplateFault("missing ']' in host")
  const colon = host.startsWith('[') ? close + 1 : host.lastIndexOf(':')
  const port = colon < 0 ? '' : host.slice(colon)
  if (!/^(?::[0-9]*)?$/.test(port)) throw new TemplateFault(`invalid port "${port}" after host`)
}

function hostname(host: string): string {
  if (host.startsWith('[')) return host.slice(1, host.indexOf(']'))
  const colon = host.lastIndexOf(':')
  return colon < 0 ? host : host.slice(0, colon)
}

function parse(text: string): GoMap {
  let parts: UrlParts
  try {
    parts = parseUrl(text)
  } catch (error) {
    if (error instanceof TemplateFault) throw new TemplateFault(`unable to parse url: parse "${text}": ${error.message}`)
    throw error
  }
  return dict([
    ['scheme', parts.scheme],
    ['host', parts.host],
    ['hostname', hostname(parts.host)],
    ['path', parts.path],
    ['query', parts.query],
    ['opaque', parts.opaque],
    ['fragment', parts.fragment],
    ['userinfo', parts.userinfo ?? ''],
  ])
}

function field(map: GoMap, key: string): string {
  const value = map.entries.has(key) ? map.entries.get(key) : ''
  if (typeof value === 'string') return value
  throw new TemplateFault(`unable to parse ${key} key, must be of type string, but ${kindOf(value)} found`)
}

function join(map: GoMap): string {
  const [scheme, host, path, query, opaque, fragment] = ['scheme', 'host', 'path', 'query', 'opaque', 'fragment'].map((key) =>
    field(map, key),
  )
  const given = field(map, 'userinfo')
  const userinfo = given === '' ? undefined : parseUserinfo(given)
  let url = scheme === '' ? '' : `${scheme}:`
  if (opaque === '') url += hierarchy(url, { host: host ?? '', path: path ?? '', userinfo })
  else url += opaque
  if (query !== '') url += `?${query}`
  return fragment === '' ? url : `${url}#${escapeBut(fragment ?? '', fragmentKept)}`
}

function hierarchy(scheme: string, parts: Pick<UrlParts, 'host' | 'path' | 'userinfo'>): string {
  const { host, path, userinfo } = parts
  let text = ''
  if (scheme !== '' || host !== '' || userinfo !== undefined) {
    if (host !== '' || path !== '' || userinfo !== undefined) text += '//'
    if (userinfo !== undefined) text += `${userinfo}@`
    text += escapeBut(host, /[A-Za-z0-9\-_.~!$&'()*+,;=:[\]<>"]/)
  }
  const escaped = path === '*' ? path : escapeBut(path, pathKept)
  if (escaped !== '' && !escaped.startsWith('/') && host !== '') text += '/'
  // RFC 3986 section 4.2: a colon in the first segment would look like a scheme.
  if (scheme === '' && text === '' && cut(escaped, '/')[0].includes(':')) text += './'
  return text + escaped
}

/** Functions that take URLs apart and put them together. */
export const urlFunctions: TemplateFunctions = table({
  urlParse: fn(['string'], (_, text) => parse(text)),
  urlJoin: fn(['map'], (_, map) => join(map)),
})
