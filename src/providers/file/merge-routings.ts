/** Puts several routing files into one configuration; of two objects with one name the first file's is used. */
import { type DecodedRouting, emptyRouting } from '../../config/routing/decode-routing.ts'
import type { RoutingConfiguration } from '../../config/routing/routing.ts'
import { isRecord } from '../../config/schema/inspect.ts'
import { type ConfigProblem, formatPlace, type Place } from '../../config/schema/problem.ts'
import { createRecord, type RawPath } from '../../config/schema/raw.ts'

/** A file and what it holds. */
export interface RoutingFile {
  readonly path: string
  readonly decoded: DecodedRouting
}

/** The merged configuration, where its objects are, and which were given twice. */
export interface MergedRoutings {
  readonly routing: RoutingConfiguration
  readonly locate: (path: RawPath) => Place
  readonly problems: readonly ConfigProblem[]
}

/** Merges files in the order given. */
export function mergeRoutings(files: readonly RoutingFile[]): MergedRoutings {
  const only = files.length === 1 ? files[0]?.decoded : undefined
  if (only?.routing !== undefined) return { routing: only.routing, locate: only.locate, problems: [] }
  const merger = new Merger()
  for (const file of files) merger.add(file)
  return { routing: merger.routing, locate: (path) => merger.locate(path), problems: merger.problems }
}

class Merger {
  readonly routing: Record<string, unknown> = { ...emptyRouting() }
  readonly problems: ConfigProblem[] = []
  /** The file that each object was taken from, by its path. */
  readonly #owners = new Map<string, RoutingFile>()

  add(file: RoutingFile): void {
    for (const [section, kinds] of Object.entries(file.decoded.routing ?? {})) {
      if (isRecord(kinds)) this.routing[section] = this.#section(file, section, kinds)
    }
  }

  locate(path: RawPath): Place {
    return this.#owners.get(keyOf(path.slice(0, 3)))?.decoded.locate(path) ?? {}
  }

  #section(file: RoutingFile, section: string, kinds: Readonly<Record<string, unknown>>): unknown {
    const before = this.routing[section]
    const result: Record<string, unknown> = isRecord(before) ? { ...before } : {}
    for (const [kind, objects] of Object.entries(kinds)) {
      const old = result[kind]
      // Lists, such as that of certificates, hold no names that could be given twice.
      if (Array.isArray(objects)) result[kind] = [...(Array.isArray(old) ? old : []), ...objects]
      else if (isRecord(objects)) result[kind] = this.#objects(file, [section, kind], old, objects)
    }
    return result
  }

  #objects(file: RoutingFile, path: readonly string[], old: unknown, objects: Readonly<Record<string, unknown>>): unknown {
    const result: Record<string, unknown> = createRecord()
    if (isRecord(old)) Object.assign(result, old)
    for (const [name, object] of Object.entries(objects)) {
      const full = [...path, name]
      const owner = this.#owners.get(keyOf(full))
      if (owner === undefined) {
        this.#owners.set(keyOf(full), file)
        result[name] = object
        continue
      }
      const message = `is given already in ${formatPlace(owner.decoded.locate(full))}, which is used`
      this.problems.push({ severity: 'warning', path: full.join('.'), message, ...file.decoded.locate(full) })
    }
    return result
  }
}

function keyOf(path: RawPath): string {
  return path.join('\0')
}
