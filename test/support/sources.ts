/** What the checks of the repository read: its files, with comments taken out where only code counts. */
import { globSync, readFileSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'

/** The root of the repository. */
export const repositoryRoot = resolve(import.meta.dirname, '..', '..')

/** A file of the repository: its path from the root with `/` in it, and its text. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** Reads the files that the globs name, sorted by path. */
export function readSources(...globs: readonly string[]): SourceFile[] {
  const paths = globSync(globs, { cwd: repositoryRoot, exclude: ['node_modules/**', 'dist/**'] })
  return paths.toSorted().map((path) => ({ path: path.split(sep).join('/'), text: readFileSync(join(repositoryRoot, path), 'utf8') }))
}

const commentOrString = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g

/** The text with comments blanked out, so that line numbers stay. A quote inside a regular expression literal can mislead it for one line. */
export function withoutComments(text: string): string {
  return text.replace(commentOrString, (token) => (token.startsWith('/') ? token.replace(/[^\n]/g, ' ') : token))
}

/** The number of the line, counted from 1, in which an offset lies. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
