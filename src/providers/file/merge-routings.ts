/** Puts several routing files into one configuration; of two objects with one name the first file's is used. */
import { type DecodedRouting, emptyRouting } from '../../config/routing/decode-routing.ts'
import type { RoutingConfiguration } from '../../config/routing/routing.ts'
import { isRecord } from '../../config/schema/inspect.ts'
import { type ConfigProblem, formatPlace, type Place } from '../../config/schema/problem.ts'
import { createRecord } from '../../config/schema/raw.ts'

/** A file and what it holds. */
export interface RoutingFile {
  readonly path: string
  readonly decoded: DecodedRouting
}

/** The merged configuration, where its objects are, and which were given twice. */
export interface MergedRoutings {
  readonly routing: RoutingConfiguration
  readonly locate: (path: readonly string[]) => Place
  readonly problems: readonly ConfigProblem[]
}

/** Merges files in the order given. */
export function mergeRoutings(files: readonly RoutingFile[]): MergedRoutings {
  const only = files.length === 1 ? files[0]?.decoded : undefined
  if (only?.routing !== undefined) return { routing: only.routing, locate: only.locate, problems: [] }
  const merged: Record<string, unknown> = { ...emptyRouting() }
  const owners = new Map<string, RoutingFile>()
  const problems: ConfigProblem[] = []
  for (const file of files) {
    if (file.decoded.routing === undefined) continue
    for (const [section, kinds] of Object.entries(file.decoded.routing)) {
      if (isRecord(kinds)) merged[section] = mergeSection(section, merged[section], kinds, file, owners, problems)
    }
  }
  const locate = (path: readonly string[]): Place => owners.get(path.slice(0, 3).join('\0'))?.decoded.locate(path) ?? {}
  return { routing: merged, locate, problems }
}

function mergeSection(section: string, into: unknown, kinds: Readonly<Record<string, unknown>>, file: RoutingFile, owners: Map<string, RoutingFile>, problems: ConfigProblem[]): unknown {
  const result: Record<string, unknown> = isRecord(into) ? { ...into } : {}
  for (const [kind, objects] of Object.entries(kinds)) {
    const before = result[kind]
    if (Array.isArray(objects)) result[kind] = [...(Array.isArray(before) ? before : []), ...objects]
    else if (isRecord(objects)) result[kind] = mergeObjects([section, kind], before, objects, file, owners, problems)
  }
  return result
}

function mergeObjects(path: readonly string[], into: unknown, objects: Readonly<Record<string, unknown>>, file: RoutingFile, owners: Map<string, RoutingFile>, problems: ConfigProblem[]): unknown {
  const result: Record<string, unknown> = createRecord()
  if (isRecord(into)) Object.assign(result, into)
  for (const [name, object] of Object.entries(objects)) {
    const full = [...path, name]
    const key = full.join('\0')
    const owner = owners.get(key)
    if (owner === undefined) {
      owners.set(key, file)
      result[name] = object
      continue
    }
    problems.push({ severity: 'warning', path: full.join('.'), message: `is given already in ${formatPlace(owner.decoded.locate(full))}, which is used`, ...file.decoded.locate(full) })
  }
  return result
}
