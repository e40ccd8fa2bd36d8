/**
 * The dashboard: a page that shows what the API tells. It is reached through `dashboard@internal`, whose router takes the prefix off, or below
 * `api.basePath` through `api@internal`, as Traefik's. The header of both is Traefik's; the page itself narrows it to its own files.
 */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { methodNotAllowed, textError } from '../api/responses.ts'
import type { ControlRequest, ControlResponse } from '../generation/messages.ts'
import { parseGoUrl } from '../std/go-url.ts'
import { pageFiles, pageSource } from './files.ts'

/** The install options that the dashboard depends on. */
export interface DashboardOptions {
  /** Whether it is there. */
  readonly dashboard: boolean
  /** Path that it and the API stand below. */
  readonly basePath: string
}

type Headers = ControlResponse['headers']

/** As recorded. What the page may load is told by a policy within it, which only adds to this one. */
const policy: Headers = [['Content-Security-Policy', "frame-src 'self' https://traefik.io https://*.traefik.io;"]]

/** Answers a request to `dashboard@internal`: its path is that of a file, the page being `/`. */
export function dashboardAtRoot(request: ControlRequest, options: DashboardOptions): ControlResponse {
  if (request.path === '/' || request.path === '') return page(options, 'root')
  return file(request.path.slice(1), request)
}

/** Answers a request to `api@internal` that is for the dashboard; null when it is for the API. */
export function dashboardBelow(request: ControlRequest, options: DashboardOptions): ControlResponse | null {
  if (!options.dashboard) return null
  const top = `${options.basePath.replace(/\/$/, '')}/dashboard/`
  const isTop = request.path === options.basePath
  if (!isTop && !request.path.startsWith(top)) return null
  if (request.method !== 'GET') return methodNotAllowed()
  if (isTop) return { status: 302, headers: [['Location', `${forwardedPrefix(request)}${top}`]], body: '' }
  return request.path === top ? page(options, 'below') : file(request.path.slice(top.length), request)
}

/**
 * `X-Forwarded-Prefix` as far as it is a path. Anything that a browser could take for another host (`//host`, `/\host`) counts for nothing: who sends the
 * header need not be who follows the redirection.
 */
function forwardedPrefix(request: ControlRequest): string {
  const sent = request.headers.find(([name]) => name.toLowerCase() === 'x-forwarded-prefix')?.[1] ?? ''
  if (sent === '') return ''
  const url = parseGoUrl(sent)
  if (url === undefined || url.scheme !== '' || url.host !== '' || url.hasAuthority) return ''
  const prefix = `/${sent.replace(/\/$/, '').replace(/^\//, '')}`
  if (/^\/[/\\]|[\\\u0000-\u0020\u007F]/.test(prefix)) return ''
  return prefix === '/' ? '' : prefix.replaceAll(/[^\u0021-\u007E]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** The page. It finds the API by its own address; below `dashboard@internal` that needs the base path. */
function page(options: DashboardOptions, place: 'root' | 'below'): ControlResponse {
  const base = place === 'root' ? options.basePath.replace(/\/$/, '') : ''
  const text = Buffer.from(pageSource.read('index.html'))
    .toString('utf8')
    .replace('data-base=""', `data-base="${escapeHtml(base)}"`)
  return { status: 200, headers: [...policy, ['Content-Type', pageFiles['index.html'] ?? '']], body: text }
}

interface Kept {
  readonly tag: string
  readonly plain: Uint8Array
  readonly packed: Uint8Array
}

/** Files that were asked for before; they do not change while the process runs. */
const kept = new Map<string, Kept>()

function file(name: string, request: ControlRequest): ControlResponse {
  const type = Object.hasOwn(pageFiles, name) ? pageFiles[name] : undefined
  if (type === undefined || name === 'index.html') {
    const missing = textError(404, '404 page not found')
    return { ...missing, headers: [...policy, ...missing.headers] }
  }
  const { tag, plain, packed } = keep(name)
  const validators: Headers = [
    ['Cache-Control', 'no-cache'],
    ['ETag', tag],
    ['Vary', 'Accept-Encoding'],
  ]
  if (headerOf(request, 'if-none-match') === tag) return { status: 304, headers: validators, body: '' }
  const isPacked = /(?:^|[\s,])gzip(?:$|[\s,])/i.test(headerOf(request, 'accept-encoding'))
  const headers: Headers = [
    ...policy,
    ['Content-Type', type],
    ['X-Content-Type-Options', 'nosniff'],
    ...validators,
    ...(isPacked ? [['Content-Encoding', 'gzip'] as const] : []),
  ]
  return { status: 200, headers, body: isPacked ? packed : plain }
}

function keep(name: string): Kept {
  const known = kept.get(name)
  if (known !== undefined) return known
  const plain = pageSource.read(name)
  const tag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`
  const fresh = { tag, plain, packed: gzipSync(plain) }
  kept.set(name, fresh)
  return fresh
}

function headerOf(request: ControlRequest, key: string): string {
  return request.headers.find(([name]) => name.toLowerCase() === key)?.[1] ?? ''
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
