/**
 * Patterns of the v2 syntax, in which braces hold a named regular expression and the rest is plain text: `/items/{id:[0-9]+}`. A name alone
 * takes what the matcher's default pattern says.
 */
import { compileRe2 } from '../std/re2.ts'

/** A template taken apart. */
export interface Template {
  /** Go pattern of the whole, without anchors; null when the template has no braces. */
  readonly pattern: string | null
  /** Plain text in front of the first brace. */
  readonly lead: string
  readonly names: readonly string[]
}

/** Takes a template apart; throws an Error that says what is wrong with it. */
export function parseTemplate(template: string, defaultPattern: string): Template {
  const names: string[] = []
  let pattern = ''
  let end = 0
  const braces = findBraces(template)
  for (const [open, close] of braces) {
    const inner = template.slice(open + 1, close)
    const colon = inner.indexOf(':')
    const name = colon < 0 ? inner : inner.slice(0, colon)
    const part = colon < 0 ? defaultPattern : inner.slice(colon + 1)
    if (name === '' || part === '') throw new Error(`missing name or pattern in ${JSON.stringify(template.slice(open, close + 1))}`)
    checkPart(part)
    names.push(name)
    pattern += `${quoteLiteral(template.slice(end, open))}(?:${part})`
    end = close + 1
  }
  const [first] = braces
  const lead = first === undefined ? template : template.slice(0, first[0])
  return { pattern: first === undefined ? null : pattern + quoteLiteral(template.slice(end)), lead, names }
}

/** A part must be a pattern by itself, so that it cannot reach out of its group, and have no groups of its own. */
function checkPart(part: string): void {
  const { groupNames } = compileRe2(part)
  if (groupNames.length > 1) throw new Error(`pattern ${JSON.stringify(part)} has capturing groups: write (?:…) instead of (…)`)
}

function findBraces(template: string): (readonly [open: number, close: number])[] {
  const braces: [number, number][] = []
  let level = 0
  let open = 0
  for (let i = 0; i < template.length; i += 1) {
    const char = template[i]
    if (char === '{') {
      if (level === 0) open = i
      level += 1
    } else if (char === '}') {
      level -= 1
      if (level < 0) break
      if (level === 0) braces.push([open, i])
    }
  }
  if (level !== 0) throw new Error(`unbalanced braces in ${JSON.stringify(template)}`)
  return braces
}

/** Quotes text so that a Go pattern takes it literally. */
export function quoteLiteral(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')
}
