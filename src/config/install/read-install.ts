/**
 * The install configuration from all its sources. As in Traefik, the first of file, flags and environment that gives anything is the only
 * one; what is passed over is named in a warning. `mergeSources` merges them instead: file, then environment, then flags.
 */
import { resolve } from 'node:path'
import { decodeTree } from '../schema/decode.ts'
import { isRecord, nodeOf } from '../schema/inspect.ts'
import type { TreeSource } from '../schema/kit.ts'
import { formatPlace } from '../schema/problem.ts'
import type { ConfigProblem, Place } from '../schema/problem.ts'
import { scalarText } from '../schema/raw.ts'
import type { RawPath } from '../schema/raw.ts'
import { readEnvironment } from '../sources/environment.ts'
import { readFlags } from '../sources/flags.ts'
import { mergeTrees } from '../sources/merge.ts'
import { SourceError } from '../sources/source-error.ts'
import { buildTextTree } from '../sources/text-tree.ts'
import type { TextPair } from '../sources/text-tree.ts'
import { formatOfFile, readText } from '../sources/text.ts'
import { checkInstall } from './check.ts'
import { applyEffective } from './effective.ts'
import { findInstallFile } from './find-file.ts'
import type { InstallFile, ReadFile } from './find-file.ts'
import { installConfiguration } from './install.ts'
import type { InstallConfiguration } from './install.ts'
import { removedOptions, removedSections } from './removed.ts'
import { unbuiltOptions } from './unbuilt-options.ts'

/** Where to load from; everything outside comes in here. */
export interface LoadInput {
  /** Arguments without the command's name: flags only. */
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly readFile: ReadFile
}

/** What the sources give, sound or not. */
export interface ReadInstall {
  /** Undefined when there are errors: the start fails, or a running process keeps what it has. */
  readonly install: InstallConfiguration | undefined
  /** Where each configured option came from, by schema path: `file:line:column`, `--flag` or the variable's name. */
  readonly origins: ReadonlyMap<string, string>
  /** Errors and warnings, with their places. */
  readonly problems: readonly ConfigProblem[]
  /** What was passed over. */
  readonly warnings: readonly string[]
  /** Options that are configured but not built yet, `providers.nomad: not supported yet`. */
  readonly unbuilt: readonly string[]
  /** The install file that was found, for watching. */
  readonly file: string | undefined
}

interface Source {
  readonly kind: TreeSource
  /** What to call it in warnings. */
  readonly name: string
  readonly tree: unknown
  readonly locate: (path: RawPath) => Place
  readonly origin: (path: RawPath) => string
}

const schema = nodeOf(installConfiguration)

/** Reads the install configuration from its sources. Never throws for what a user wrote. */
export function readInstall(input: LoadInput): ReadInstall {
  const problems: ConfigProblem[] = []
  const warnings: string[] = []
  const flags = readFlags(input.argv, schema)
  problems.push(...flags.problems)
  const named = flags.pairs.find((pair) => pair.path.length === 1 && pair.path[0]?.toLowerCase() === 'configfile')?.value
  const file = findFile(named, input, problems)
  if (named !== undefined && named !== '' && !hasErrors(problems) && file?.path !== resolve(input.cwd, named)) {
    warnings.push(`${named} does not exist: ${file === undefined ? 'no install file is used' : `${file.path} is used instead`}`)
  }
  const sources: Source[] = []
  if (file !== undefined) sources.push(fileSource(file.path, file.text, problems))
  const environment = readEnvironment(input.env, schema, removedSections)
  for (const source of [textSource('flags', flags.pairs, problems), textSource('environment', environment, problems)]) {
    if (source !== undefined) sources.push(source)
  }
  const used = chooseSources(sources, flags.pairs, environment, warnings)
  return finish(used, problems, warnings, file?.path)
}

function findFile(named: string | undefined, input: LoadInput, problems: ConfigProblem[]): InstallFile | undefined {
  try {
    return findInstallFile(named, input.env, input.cwd, input.readFile)
  } catch (cause) {
    problems.push({ severity: 'error', path: '', message: cause instanceof Error ? cause.message : String(cause) })
    return undefined
  }
}

function fileSource(path: string, text: string, problems: ConfigProblem[]): Source {
  const read = readText(text, formatOfFile(path) ?? 'yaml', path)
  problems.push(...read.problems)
  const known = new Set(Object.keys(schema.properties ?? {}).map((name) => name.toLowerCase()))
  const hasAny = isRecord(read.tree) && Object.entries(read.tree).some(([name, value]) => value !== null && known.has(name.toLowerCase()))
  if (!hasAny && !read.problems.some((problem) => problem.severity === 'error')) {
    problems.push({ severity: 'error', path: '', message: `no valid configuration found in file: ${path}`, file: path })
  }
  return { kind: 'file', name: path, tree: read.tree, locate: read.locate, origin: (at) => formatPlace(read.locate(at)) }
}

function textSource(kind: 'flags' | 'environment', pairs: readonly TextPair[], problems: ConfigProblem[]): Source | undefined {
  if (pairs.length === 0) return undefined
  const name = kind === 'flags' ? 'flags' : 'environment variables'
  const labels = new Map(pairs.map((pair) => [pathKey(pair.path), pair.label]))
  const origin = (path: RawPath): string => {
    // Members of a list come from the variable or flag of the list.
    for (let length = path.length; length > 0; length -= 1) {
      const label = labels.get(pathKey(path.slice(0, length)))
      if (label !== undefined) return label
    }
    return name
  }
  try {
    return { kind, name, tree: buildTextTree(pairs), locate: (path) => ({ file: origin(path) }), origin }
  } catch (cause) {
    if (!(cause instanceof SourceError)) throw cause
    problems.push(cause.toProblem(name))
    return undefined
  }
}

/** A path in one spelling, whether list items are written `[0]` or `0`. */
function pathKey(path: RawPath): string {
  return path.join('.').toLowerCase().replaceAll(/[[\]]/g, '')
}

/** Chooses what counts, in the order in which it is merged. */
function chooseSources(
  sources: readonly Source[],
  flags: readonly TextPair[],
  environment: readonly TextPair[],
  warnings: string[],
): readonly Source[] {
  if (sources.some((source) => isMerging(source.tree))) {
    const order: readonly TreeSource[] = ['file', 'environment', 'flags']
    return sources.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
  }
  const [first, ...rest] = sources
  if (first === undefined) return []
  for (const source of rest) {
    const names = (source.kind === 'flags' ? flags : environment)
      .map((pair) => pair.label)
      .filter((label) => label.toLowerCase() !== '--configfile')
    if (names.length > 0) {
      warnings.push(`${source.name} are passed over, since ${first.name} gives the configuration (see --mergeSources): ${shorten(names)}`)
    }
  }
  return [first]
}

function isMerging(tree: unknown): boolean {
  if (!isRecord(tree)) return false
  return Object.entries(tree).some(
    ([name, value]) => name.toLowerCase() === 'mergesources' && (value === true || scalarText(value)?.toLowerCase() === 'true'),
  )
}

/** Most names that one warning lists. */
const namesMax = 20

function shorten(names: readonly string[]): string {
  const rest = names.length - namesMax
  return rest > 0 ? `${names.slice(0, namesMax).join(', ')} and ${rest} more` : names.join(', ')
}

function finish(sources: readonly Source[], problems: ConfigProblem[], warnings: string[], file: string | undefined): ReadInstall {
  const origins = new Map<string, string>()
  const places = new Map<string, Place>()
  let merged: unknown
  let value = decodeTree(installConfiguration, undefined, { source: 'file' }).value
  for (const source of sources) {
    const decoded = decodeTree(installConfiguration, source.tree, {
      source: source.kind,
      skipUnknownTop: source.kind === 'file',
      locate: source.locate,
      removed: removedOptions,
      onGiven: (path, at) => {
        if (!path.endsWith(']')) origins.set(path, source.origin(at))
        places.set(path.toLowerCase(), source.locate(at))
      },
    })
    problems.push(...decoded.problems)
    value = decoded.value
    merged = mergeTrees(schema, merged, source.tree)
  }
  if (sources.length > 1) value = decodeTree(installConfiguration, merged, { source: 'flags' }).value
  for (const [name, entryPoint] of Object.entries(value.entryPoints)) {
    const given = places.has(`entrypoints.${name}.transport.respondingtimeouts.readtimeout`.toLowerCase())
    entryPoint.transport.respondingTimeouts.readTimeoutGiven = given
  }
  applyEffective(value)
  if (!hasErrors(problems)) {
    for (const mistake of checkInstall(value)) problems.push({ severity: 'error', ...placeOf(mistake.path, places), ...mistake })
  }
  const failed = hasErrors(problems)
  return { install: failed ? undefined : value, origins, problems, warnings, unbuilt: failed ? [] : unbuiltOptions(value), file }
}

/** The place of an option: of what was configured in it, or else of the nearest option above it. */
function placeOf(path: string, places: ReadonlyMap<string, Place>): Place {
  let key = path.toLowerCase()
  for (const [given, place] of places) if (given.startsWith(`${key}.`)) return place
  for (;;) {
    const place = places.get(key)
    if (place !== undefined) return place
    const cut = Math.max(key.lastIndexOf('.'), key.lastIndexOf('['))
    if (cut <= 0) return {}
    key = key.slice(0, cut)
  }
}

function hasErrors(problems: readonly ConfigProblem[]): boolean {
  return problems.some((problem) => problem.severity === 'error')
}
