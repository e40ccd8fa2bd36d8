/** Sprig's functions for maps ("dicts"). */
import type { Budget } from '../budget.ts'
import { fn, table, variadic, type TemplateFunctions } from '../call.ts'
import { deepCopy, isEmpty, toStringValue } from '../convert.ts'
import { TemplateFault } from '../error.ts'
import { GoMap, anyElement, dict, kindOf, list, sortedKeys, strings, type Value } from '../value.ts'

/** Fills what a map lacks, or what is empty in it, from another one; with `overwrite` the other one wins. Maps inside are merged alike. */
function mergeInto(target: GoMap, source: GoMap, overwrite: boolean, budget: Budget): void {
  budget.enter()
  for (const [key, value] of Array.from(source.entries)) {
    budget.step()
    const old = target.entries.get(key)
    const isNil = value === undefined || value === null
    if (isNil) {
      if (overwrite) target.entries.set(key, null)
    } else if (value instanceof GoMap && old instanceof GoMap && !isEmpty(old)) {
      if (value !== old) mergeInto(old, value, overwrite, budget)
    } else if (overwrite || isEmpty(old)) {
      target.entries.set(key, value)
    }
  }
  budget.leave()
}

function mergeAll(overwrite: boolean): ReturnType<typeof variadic> {
  return variadic(['map'], 'map', (context, sources, target) => {
    for (const source of sources) if (source !== target) mergeInto(target, source, overwrite, context.budget)
    return target
  })
}

function makeDict(values: readonly Value[], budget: Budget): GoMap {
  const map = dict()
  for (let i = 0; i < values.length; i += 2) map.entries.set(toStringValue(values[i], budget), i + 1 < values.length ? values[i + 1] : '')
  return map
}

function dig(values: readonly Value[]): Value {
  if (values.length < 3) throw new TemplateFault('dig needs at least three arguments')
  let current: Value = values.at(-1)
  for (const key of values.slice(0, -2)) {
    if (!(current instanceof GoMap) || current.element !== anyElement) {
      throw new TemplateFault(`interface conversion: interface {} is ${kindOf(current)}, not map[string]interface {}`)
    }
    if (typeof key !== 'string') throw new TemplateFault(`interface conversion: interface {} is ${kindOf(key)}, not string`)
    if (!current.entries.has(key)) return values.at(-2)
    current = current.entries.get(key)
  }
  return current
}

function filterKeys(map: GoMap, keep: (key: string) => boolean): GoMap {
  return dict(Array.from(map.entries).filter(([key]) => keep(key)))
}

const copy = fn(['any'], (context, value) => deepCopy(value, context.budget))

/**
 * Functions that make, read, and change maps. `keys` and `values` follow the order of the keys, where Go's order is random: a configuration
 * must not differ from one reading to the next.
 */
export const mapFunctions: TemplateFunctions = table({
  deepCopy: copy,
  mustDeepCopy: copy,
  dict: variadic([], 'any', (context, values) => makeDict(values, context.budget)),
  dig: variadic([], 'any', (_, values) => dig(values)),
  get: fn(['map', 'string'], (_, map, key) => (map.entries.has(key) ? map.entries.get(key) : '')),
  hasKey: fn(['map', 'string'], (_, map, key) => map.entries.has(key)),
  keys: variadic([], 'map', (_, maps) => strings(maps.flatMap(sortedKeys))),
  merge: mergeAll(false),
  mustMerge: mergeAll(false),
  mergeOverwrite: mergeAll(true),
  mustMergeOverwrite: mergeAll(true),
  omit: variadic(['map'], 'string', (_, keys, map) => filterKeys(map, (key) => !keys.includes(key))),
  pick: variadic(['map'], 'string', (_, keys, map) => filterKeys(map, (key) => keys.includes(key))),
  pluck: variadic(['string'], 'map', (_, maps, key) => list(maps.filter((map) => map.entries.has(key)).map((map) => map.entries.get(key)))),
  set: fn(['map', 'string', 'any'], (_, map, key, value) => {
    map.entries.set(key, value)
    return map
  }),
  unset: fn(['map', 'string'], (_, map, key) => {
    map.entries.delete(key)
    return map
  }),
  values: fn(['map'], (_, map) => list(sortedKeys(map).map((key) => map.entries.get(key)))),
})
