/** Reads the routing files of a file provider: which ones, their templates rendered, merged into one configuration. */
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { FileProviderOptions } from '../../config/install/providers/file.ts'
import { type DecodedRouting, decodeRouting } from '../../config/routing/decode-routing.ts'
import type { ConfigProblem, Place } from '../../config/schema/problem.ts'
import { formatOfFile } from '../../config/sources/text.ts'
import type { RenderedTemplate } from '../../config/template/template.ts'
import type { ProviderSnapshot } from '../provider.ts'
import { mergeRoutings, type RoutingFile } from './merge-routings.ts'
import { renderRoutingTemplate } from './render.ts'

/** Most files of a folder. */
const filesMax = 10_000

type Environment = Readonly<Record<string, string | undefined>>

/** What reading gave. */
export interface ReadResult {
  readonly snapshot: ProviderSnapshot | null
  readonly problems: readonly ConfigProblem[]
}

interface ReadFiles {
  readonly files: readonly RoutingFile[]
  readonly problems: readonly ConfigProblem[]
}

/** Reads the files of a provider; no snapshot when one of them is broken, since such a state is refused whole. */
export function readRoutingFiles(
  options: FileProviderOptions,
  env: Environment,
  onRendered?: (path: string, content: string) => void,
): ReadResult {
  const read = readAll(options, env, onRendered)
  if (read.problems.some((problem) => problem.severity === 'error')) return { snapshot: null, problems: read.problems }
  const { routing, locate, problems } = mergeRoutings(read.files)
  return { snapshot: { routing, locate }, problems: [...read.problems, ...problems] }
}

function readAll(
  options: FileProviderOptions,
  env: Environment,
  onRendered: ((path: string, content: string) => void) | undefined,
): ReadFiles {
  const files: RoutingFile[] = []
  const problems: ConfigProblem[] = []
  let paths: readonly string[]
  try {
    paths = options.directory === '' ? [options.filename] : routingFilesBelow(options.directory)
  } catch (cause) {
    return {
      files,
      problems: [
        { severity: 'error', path: 'providers.file.directory', message: `cannot read folder: ${textOf(cause)}`, file: options.directory },
      ],
    }
  }
  for (const path of paths) {
    const read = readOne(path, env, onRendered)
    if ('severity' in read) problems.push(read)
    else {
      files.push(read)
      problems.push(...read.decoded.problems)
    }
  }
  return { files, problems }
}

function readOne(
  path: string,
  env: Environment,
  onRendered: ((path: string, content: string) => void) | undefined,
): RoutingFile | ConfigProblem {
  const format = formatOfFile(path)
  if (format === undefined)
    return { severity: 'error', path: '', message: 'unsupported file extension', file: path, allowed: '.toml, .yaml, .yml, .json' }
  try {
    const rendered = renderRoutingTemplate(readFileSync(path, 'utf8'), path, env)
    if ('severity' in rendered) return rendered
    onRendered?.(path, rendered.text)
    return { path, decoded: placedInSource(decodeRouting(rendered.text, format, { file: path }), rendered) }
  } catch (cause) {
    return { severity: 'error', path: '', message: `cannot read file: ${textOf(cause)}`, file: path }
  }
}

/** Gives places in the file as it is written instead of places in what its template gave. */
function placedInSource(decoded: DecodedRouting, rendered: RenderedTemplate): DecodedRouting {
  const inSource = <P extends Place>(place: P): P =>
    place.line === undefined ? place : { ...place, ...rendered.sourceOf({ line: place.line, column: place.column ?? 1 }) }
  return { ...decoded, problems: decoded.problems.map(inSource), locate: (path) => inSource(decoded.locate(path)) }
}

/** Files of a folder in the order of their names, those of a sub-folder at its place. JSON files are for `filename` only, as in Traefik. */
function routingFilesBelow(folder: string): string[] {
  const found: string[] = []
  const walk = (path: string): void => {
    const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const entry of entries) {
      if (found.length >= filesMax) throw new Error(`more than ${filesMax} files`)
      const below = join(path, entry.name)
      // What a ConfigMap volume keeps its versions in; the links to it stand beside.
      if (entry.name.startsWith('..')) continue
      if (entry.isDirectory()) walk(below)
      // Links to folders are not followed, so that no link can lead in a circle.
      else if (/\.(toml|ya?ml)$/i.test(entry.name) && !isLinkToFolder(entry, below)) found.push(below)
    }
  }
  walk(folder)
  return found
}

function isLinkToFolder(entry: Dirent, path: string): boolean {
  return entry.isSymbolicLink() && (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false)
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
