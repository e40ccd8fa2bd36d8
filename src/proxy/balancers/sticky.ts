/**
 * Sticky cookies: which server or service a client had, told by a cookie. The value is the beginning of SHA-256 over the target's name; three
 * older forms (the name itself, FNV-1 of it once and twice) still count, and then the cookie is written anew.
 */
import { createHash } from 'node:crypto'
import type { StickyPlan } from '../../generation/plan.ts'
import type { Exchange } from '../http/exchange.ts'
import { cookieValue } from './cookie-value.ts'
import { Fnv64 } from './fnv.ts'

/** Hexadecimal digits of a cookie value. */
const valueLength = 16

const sameSiteNames: ReadonlyMap<string, string> = new Map([
  ['none', 'None'],
  ['lax', 'Lax'],
  ['strict', 'Strict'],
])

/** A target as a cookie names it. */
export interface StickyEntry<T> {
  readonly target: T
  /** Whether the answer must set the cookie, because the client has one of an older form. */
  readonly renew: boolean
}

/** The cookie value of a target. */
export function stickyValue(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, valueLength)
}

/** The cookies of one balancer. */
export class Sticky<T> {
  readonly #name: string
  readonly #byValue = new Map<string, StickyEntry<T>>()
  readonly #setCookies = new Map<T, string>()

  constructor(plan: StickyPlan, targets: readonly { readonly name: string; readonly target: T }[]) {
    this.#name = plan.name
    const attributes = cookieAttributes(plan)
    for (const { name, target } of targets) {
      for (const legacy of legacyValues(name)) this.#byValue.set(legacy, { target, renew: true })
    }
    // Set last: where an old value of one target equals the new one of another, the new one counts.
    for (const { name, target } of targets) {
      const value = stickyValue(name)
      this.#byValue.set(value, { target, renew: false })
      this.#setCookies.set(target, `${plan.name}=${value}${attributes}`)
    }
  }

  /** What the request's cookie names, if anything. */
  find(exchange: Exchange): StickyEntry<T> | null {
    const value = cookieValue(exchange, this.#name)
    return value === null ? null : (this.#byValue.get(value) ?? null)
  }

  /** Lets the answer tell the client its target. */
  assign(exchange: Exchange, target: T): void {
    const setCookie = this.#setCookies.get(target)
    if (setCookie !== undefined) exchange.responseHeaders.push('Set-Cookie', 'set-cookie', setCookie)
  }

  /** Takes back what `assign` has told of a target that cannot be reached. */
  unassign(exchange: Exchange, target: T): void {
    const setCookie = this.#setCookies.get(target)
    const { keys, values } = exchange.responseHeaders
    const index = setCookie === undefined ? -1 : values.lastIndexOf(setCookie)
    if (index >= 0) keys[index] = ''
  }
}

function legacyValues(name: string): readonly string[] {
  const bytes = Buffer.from(name, 'utf8').toString('latin1')
  const once = new Fnv64().add1(bytes).hex()
  return [name, once, new Fnv64().add1(once).hex()]
}

/** Attributes behind the value, in the order that Go's net/http writes them. */
function cookieAttributes(plan: StickyPlan): string {
  let text = ''
  const path = cleanPath(plan.path)
  if (path !== '') text += `; Path=${path}`
  const domain = plan.domain.startsWith('.') ? plan.domain.slice(1) : plan.domain
  if (isDomain(domain)) text += `; Domain=${domain}`
  if (plan.maxAge > 0) text += `; Max-Age=${plan.maxAge}`
  else if (plan.maxAge < 0) text += '; Max-Age=0'
  if (plan.httpOnly) text += '; HttpOnly'
  if (plan.secure) text += '; Secure'
  const sameSite = sameSiteNames.get(plan.sameSite.toLowerCase())
  if (sameSite !== undefined) text += `; SameSite=${sameSite}`
  return text
}

/** Leaves out what would end the attribute (RFC 6265 §4.1.1, path-value). */
function cleanPath(path: string): string {
  let clean = ''
  for (const character of path) if (character >= ' ' && character < '\x7f' && character !== ';') clean += character
  return clean
}

/** Whether a cookie may be set for this domain: a host name or an IPv4 address. */
function isDomain(domain: string): boolean {
  if (domain === '' || domain.length > 255) return false
  return domain.split('.').every((label) => /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label))
}
