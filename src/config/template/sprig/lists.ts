/** Sprig's functions for lists. */
import type { CallContext, TemplateFunction } from '../call.ts'
import { fn, table, variadic, type TemplateFunctions } from '../call.ts'
import { deepEqual, isEmpty, itemsOf, toInteger, toStringList, toStringValue } from '../convert.ts'
import { TemplateFault } from '../error.ts'
import { GoList, compareBytes, list, strings, type Value } from '../value.ts'

/** Tells whether a list holds a value; every comparison counts as a step. */
function holds(context: CallContext, items: readonly Value[], wanted: Value): boolean {
  return items.some((item) => deepEqual(wanted, item, context.budget))
}

/** What a hash of a value may be: equal values have equal ones. */
function hashKey(value: Value): string | undefined {
  if (typeof value === 'string') return `s${value}`
  if (typeof value === 'boolean') return `b${value}`
  return undefined
}

function unique(context: CallContext, items: readonly Value[]): Value[] {
  const seen = new Set<string>()
  const others: Value[] = []
  return items.filter((item) => {
    const key = hashKey(item)
    // Long lists are usually lists of texts: those need no search.
    if (key !== undefined) {
      const isNew = !seen.has(key)
      seen.add(key)
      return isNew
    }
    if (holds(context, others, item)) return false
    others.push(item)
    return true
  })
}

function chunk(size: number, items: readonly Value[]): GoList {
  if (size <= 0) throw new TemplateFault(`cannot make chunks of ${size}`)
  const chunks: Value[] = []
  for (let at = 0; at < items.length; at += size) chunks.push(list(items.slice(at, at + size)))
  return new GoList('[]interface {}', chunks)
}

function sliceList(value: Value, bounds: readonly Value[]): Value {
  if (!(value instanceof GoList)) throw new TemplateFault('list should be type of slice or array')
  const { length } = value.items
  if (length === 0) return null
  const from = bounds.length > 0 ? Number(toInteger(bounds[0])) : 0
  const to = bounds.length > 1 ? Number(toInteger(bounds[1])) : length
  if (from < 0 || to > length || from > to) throw new TemplateFault(`slice bounds out of range [${from}:${to}] with length ${length}`)
  return new GoList(value.element, value.items.slice(from, to))
}

/** Gives a function its second name, under which Go reports faults as errors instead of panics; here both do the same. */
function must(name: string, target: TemplateFunction): Record<string, TemplateFunction> {
  return { [name]: target, [`must${name.charAt(0).toUpperCase()}${name.slice(1)}`]: target }
}

const push = fn(['any', 'any'], (context, value, item) => {
  const items = itemsOf(value, 'push on')
  context.budget.items(items.length)
  return list([...items, item])
})
const makeList = variadic([], 'any', (_, values) => list(values))

/** Functions that make, search, and change lists; none changes the list it is given. */
export const listFunctions: TemplateFunctions = table({
  ...must('append', push),
  ...must('push', push),
  ...must(
    'prepend',
    fn(['any', 'any'], (context, value, item) => {
      const items = itemsOf(value, 'prepend on')
      context.budget.items(items.length)
      return list([item, ...items])
    }),
  ),
  ...must(
    'chunk',
    fn(['int', 'any'], (_, size, value) => chunk(size, itemsOf(value, 'chunk'))),
  ),
  ...must(
    'compact',
    fn(['any'], (_, value) => list(itemsOf(value, 'compact on').filter((item) => !isEmpty(item)))),
  ),
  concat: variadic([], 'any', (context, values) => {
    const lists = values.map((value) => itemsOf(value, 'concat as list'))
    context.budget.items(lists.reduce((size, items) => size + items.length, 0))
    return list(lists.flat())
  }),
  ...must(
    'first',
    fn(['any'], (_, value) => itemsOf(value, 'find first on')[0] ?? null),
  ),
  ...must(
    'has',
    fn(['any', 'any'], (context, wanted, value) => value !== null && holds(context, itemsOf(value, 'find has on'), wanted)),
  ),
  ...must(
    'initial',
    fn(['any'], (_, value) => list(itemsOf(value, 'find initial on').slice(0, -1))),
  ),
  ...must(
    'last',
    fn(['any'], (_, value) => itemsOf(value, 'find last on').at(-1) ?? null),
  ),
  list: makeList,
  tuple: makeList,
  ...must(
    'rest',
    fn(['any'], (_, value) => list(itemsOf(value, 'find rest on').slice(1))),
  ),
  ...must(
    'reverse',
    fn(['any'], (_, value) => list(itemsOf(value, 'find reverse on').toReversed())),
  ),
  ...must(
    'slice',
    variadic(['any'], 'any', (_, bounds, value) => sliceList(value, bounds)),
  ),
  sortAlpha: fn(['any'], (context, value) => {
    const texts = value instanceof GoList ? toStringList(value, context.budget) : [toStringValue(value, context.budget)]
    return strings(texts.toSorted(compareBytes))
  }),
  ...must(
    'uniq',
    fn(['any'], (context, value) => list(unique(context, itemsOf(value, 'find uniq on')))),
  ),
  ...must(
    'without',
    variadic(['any'], 'any', (context, omitted, value) =>
      list(itemsOf(value, 'find without on').filter((item) => !holds(context, omitted, item))),
    ),
  ),
})
