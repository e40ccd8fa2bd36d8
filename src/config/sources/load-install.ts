/** Loads the install configuration of a process from its arguments, environment and files, and watches the file it came from. */
import { readFileSync } from 'node:fs'
import type { ReadFile } from '../install/find-file.ts'
import type { InstallConfiguration } from '../install/install.ts'
import { readInstall } from '../install/read-install.ts'
import type { ReadInstall } from '../install/read-install.ts'
import { formatProblem } from '../schema/problem.ts'
import type { ConfigProblem } from '../schema/problem.ts'

/** A sound install configuration. */
export interface LoadedInstall {
  readonly install: InstallConfiguration
  /** Where each configured option came from, by schema path: `file:line:column`, `--flag` or the variable's name. */
  readonly origins: ReadonlyMap<string, string>
  /** What was passed over, deprecated or ignored, ready to be logged. */
  readonly warnings: readonly string[]
  /** Options that are configured but not built yet, `providers.nomad: not supported yet`. */
  readonly unbuilt: readonly string[]
  /** The install file that was found. */
  readonly file: string | undefined
}

/** Says why an install configuration cannot be used; `message` has a line for each problem. */
export class InstallError extends Error {
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    super(
      problems
        .filter((problem) => problem.severity === 'error')
        .map(formatProblem)
        .join('\n'),
    )
    this.name = 'InstallError'
    this.problems = problems
  }
}

/** Where to load from. */
export interface LoadInput {
  /** Flags, without the command's name. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly readFile?: ReadFile
}

/** Loads the install configuration; throws InstallError with all findings when it cannot be used. */
export function loadInstall(input: LoadInput): LoadedInstall {
  const read = examineInstall(input)
  if (read.install === undefined) throw new InstallError(read.problems)
  const warnings = [...read.warnings, ...read.problems.map(formatProblem)]
  return { install: read.install, origins: read.origins, warnings, unbuilt: read.unbuilt, file: read.file }
}

/** Reads the install configuration and reports instead of throwing, for `check`. */
export function examineInstall({ args, env, cwd, readFile }: LoadInput): ReadInstall {
  return readInstall({ argv: args, env, cwd, readFile: readFile ?? readTextFile })
}

function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new Error(`cannot read ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
