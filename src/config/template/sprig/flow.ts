/** Sprig's functions for defaults, conditions, types, the environment, and failure; and Traefik's `normalize`. */
import { isLetter, isNumber, splitRunes, fromText, toText } from '../bytes.ts'
import { fn, table, variadic, type CallContext, type TemplateFunctions } from '../call.ts'
import { deepEqual, isEmpty } from '../convert.ts'
import { TemplateFault } from '../error.ts'
import { kindOf, typeName } from '../value.ts'

/** Joins the runs of letters and numbers of a name by "-". */
export function normalize(name: string): string {
  let result = ''
  let inGap = false
  for (const rune of splitRunes(name)) {
    if (isLetter(rune) || isNumber(rune)) {
      if (inGap && result !== '') result += '-'
      inGap = false
      result += rune
    } else {
      inGap = true
    }
  }
  return result
}

/** Functions that choose and compare. */
export const flowFunctions: TemplateFunctions = table({
  all: variadic([], 'any', (_, values) => values.every((value) => !isEmpty(value))),
  any: variadic([], 'any', (_, values) => values.some((value) => !isEmpty(value))),
  coalesce: variadic([], 'any', (_, values) => values.find((value) => !isEmpty(value)) ?? null),
  deepEqual: fn(['any', 'any'], (context, a, b) => deepEqual(a, b, context.budget)),
  default: variadic(['any'], 'any', (_, given, fallback) => (given.length === 0 || isEmpty(given[0]) ? fallback : given[0])),
  empty: fn(['any'], (_, value) => isEmpty(value)),
  fail: fn(['string'], (_, reason) => {
    throw new TemplateFault(reason)
  }),
  kindIs: fn(['string', 'any'], (_, kind, value) => kindOf(value) === kind),
  kindOf: fn(['any'], (_, value) => kindOf(value)),
  normalize: fn(['string'], (_, name) => normalize(name)),
  ternary: fn(['any', 'any', 'bool'], (_, yes, no, condition) => (condition ? yes : no)),
  typeIs: fn(['string', 'any'], (_, type, value) => typeName(value) === type),
  typeIsLike: fn(['string', 'any'], (_, type, value) => typeName(value) === type || typeName(value) === `*${type}`),
  typeOf: fn(['any'], (_, value) => typeName(value)),
})

function readEnv(context: CallContext, name: string): string {
  return fromText(context.host.env(toText(name)) ?? '')
}

// A variable's name, or one of the shell's special parameters.
const reference = /\$(?:\{([^}]*)\}|([A-Za-z0-9_]+|[*#$@!?-])|\{)/g
const shellName = /^(?:[0-9*#$@!?-]|[A-Za-z_][A-Za-z0-9_]*)/

function expand(context: CallContext, text: string): string {
  const expanded = text.replaceAll(reference, (whole, braced: string | undefined, bare: string | undefined) => {
    if (braced !== undefined) return braced === '' ? '' : readEnv(context, braced)
    if (bare === undefined) return ''
    const name = shellName.exec(bare)?.[0] ?? ''
    return name === '' ? whole : readEnv(context, name) + bare.slice(name.length)
  })
  context.budget.bytes(expanded.length)
  return expanded
}

/** Functions that read the environment; templates that others write do not get them. */
export const envFunctions: TemplateFunctions = table({
  env: fn(['string'], (context, name) => readEnv(context, name)),
  expandenv: fn(['string'], (context, text) => expand(context, text)),
})
