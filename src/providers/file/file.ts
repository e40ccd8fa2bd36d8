/** Routing configuration from a file, or from all files of a folder. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { FileProviderOptions } from '../../config/install/providers/file.ts'
import { type DecodedRouting, decodeRouting } from '../../config/routing/decode-routing.ts'
import type { ConfigProblem } from '../../config/schema/problem.ts'
import { formatOfFile } from '../../config/sources/text.ts'
import { FileWatch } from '../../std/file-watch.ts'
import { defineProvider, type Provider, type ProviderContext } from '../provider.ts'
import { mergeRoutings } from './merge-routings.ts'
import { renderRoutingTemplate } from './render.ts'

/** Most files of a folder. */
const filesMax = 10_000

/** The file provider. */
export const file = defineProvider<FileProviderOptions>({
  key: 'file',
  name: 'file',
  title: 'File',
  create(options, context) {
    if (options.directory === '' && options.filename === '') throw new Error('providers.file: neither filename nor directory is given')
    return new FileProvider(options, context)
  },
})

class FileProvider implements Provider {
  readonly #options: FileProviderOptions
  readonly #context: ProviderContext
  readonly #watch: FileWatch | null

  constructor(options: FileProviderOptions, context: ProviderContext) {
    this.#options = options
    this.#context = context
    const paths = [options.directory === '' ? options.filename : options.directory]
    // Watched before it is read, so that no change falls in between.
    this.#watch = options.watch ? new FileWatch({ paths, clock: context.clock, onChange: () => this.reload() }) : null
    this.reload()
  }

  reload(): void {
    const read = readAll(this.#options, this.#context)
    this.#context.report(read.problems)
    if (read.problems.some((problem) => problem.severity === 'error')) return
    const { routing, locate, problems } = mergeRoutings(read.files)
    this.#context.report(problems)
    this.#context.publish({ routing, locate })
  }

  close(): void {
    this.#watch?.close()
  }
}

/** A file and what it holds. */
export interface RoutingFile {
  readonly path: string
  readonly decoded: DecodedRouting
}

interface ReadFiles {
  readonly files: readonly RoutingFile[]
  readonly problems: readonly ConfigProblem[]
}

function readAll(options: FileProviderOptions, context: ProviderContext): ReadFiles {
  const files: RoutingFile[] = []
  const problems: ConfigProblem[] = []
  let paths: readonly string[]
  try {
    paths = options.directory === '' ? [options.filename] : routingFilesBelow(options.directory)
  } catch (cause) {
    return { files, problems: [{ severity: 'error', path: 'providers.file.directory', message: `cannot read folder: ${textOf(cause)}`, file: options.directory }] }
  }
  for (const path of paths) {
    const read = readOne(path, options, context)
    if ('severity' in read) problems.push(read)
    else {
      files.push(read)
      problems.push(...read.decoded.problems)
    }
  }
  return { files, problems }
}

function readOne(path: string, options: FileProviderOptions, context: ProviderContext): RoutingFile | ConfigProblem {
  const format = formatOfFile(path)
  if (format === undefined) return { severity: 'error', path: '', message: 'unsupported file extension', file: path, allowed: '.toml, .yaml, .yml, .json' }
  try {
    const rendered = renderRoutingTemplate(readFileSync(path, 'utf8'), path, context.env)
    if (typeof rendered !== 'string') return rendered
    if (options.debugLogGeneratedTemplate) context.logger.debug('rendered routing file', { file: path, content: rendered })
    return { path, decoded: decodeRouting(rendered, format, { file: path }) }
  } catch (cause) {
    return { severity: 'error', path: '', message: `cannot read file: ${textOf(cause)}`, file: path }
  }
}

/** Files of a folder in the order of their names, those of a sub-folder at its place. JSON files are for `filename` only, as in Traefik. */
function routingFilesBelow(folder: string): string[] {
  const found: string[] = []
  const walk = (path: string): void => {
    for (const name of readdirSync(path).sort()) {
      if (found.length >= filesMax) throw new Error(`more than ${filesMax} files`)
      const below = join(path, name)
      // What a ConfigMap volume keeps its versions in; the links to it stand beside.
      if (name.startsWith('..')) continue
      if (statSync(below).isDirectory()) walk(below)
      else if (/\.(toml|ya?ml)$/i.test(name)) found.push(below)
    }
  }
  walk(folder)
  return found
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
