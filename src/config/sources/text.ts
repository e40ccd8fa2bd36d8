/** Configuration texts of any format: which format a file has, its raw tree, and where things stand in it. */
import type { ConfigProblem } from '../schema/problem.ts'
import { readJson, readJsonPlaces } from './json.ts'
import { createLocator } from './places.ts'
import type { Locate, PlaceNode } from './places.ts'
import { SourceError } from './source-error.ts'
import { readTomlPlaces } from './toml-places.ts'
import { readToml } from './toml.ts'
import { readYaml, readYamlPlaces } from './yaml.ts'

/** A format that configuration is written in. */
export type TextFormat = 'yaml' | 'toml' | 'json'

/** A configuration text that was read. */
export interface TextTree {
  /** Raw tree; undefined when the text is empty or could not be read. */
  readonly tree: unknown
  /** Syntax errors (one at most) and warnings. */
  readonly problems: readonly ConfigProblem[]
  readonly locate: Locate
}

/** The format by a file's extension, in any letter case; undefined when it is none of ours. */
export function formatOfFile(file: string): TextFormat | undefined {
  const extension = /\.([A-Za-z]+)$/.exec(file)?.[1]?.toLowerCase()
  if (extension === 'yml' || extension === 'yaml') return 'yaml'
  return extension === 'toml' || extension === 'json' ? extension : undefined
}

const placeReaders: Record<TextFormat, (text: string) => PlaceNode> = {
  yaml: readYamlPlaces,
  toml: readTomlPlaces,
  json: readJsonPlaces,
}

/** Reads a text into a raw tree; a syntax error becomes a problem with its place. */
export function readText(text: string, format: TextFormat, file?: string): TextTree {
  const locate = createLocator(text, file, placeReaders[format])
  const named = file === undefined ? {} : { file }
  try {
    const problems: ConfigProblem[] = []
    let tree: unknown
    if (format === 'yaml') {
      const document = readYaml(text)
      tree = document.value
      if (document.hasMore) problems.push({ severity: 'warning', path: '', message: 'only the first YAML document is read', ...named })
    } else tree = format === 'toml' ? readToml(text) : readJson(text)
    if (tree !== undefined && tree !== null && (typeof tree !== 'object' || Array.isArray(tree))) {
      problems.push({ severity: 'error', path: '', message: 'the text must hold an object', ...named })
      tree = undefined
    }
    return { tree: tree ?? undefined, problems, locate }
  } catch (cause) {
    if (!(cause instanceof SourceError)) throw cause
    return { tree: undefined, problems: [cause.toProblem(file)], locate }
  }
}
