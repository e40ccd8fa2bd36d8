/** What is wrong with a configuration, where, and what would be right; collected, never thrown one by one. */

/** A place in a configuration text; lines and columns count from 1. */
export interface Place {
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

/** One finding in a configuration. */
export interface ConfigProblem extends Place {
  /** An error refuses the file or object; a warning does not. */
  readonly severity: 'error' | 'warning'
  /** Key path with the names as the schema spells them, such as `http.routers.web.rule`; '' for the whole text. */
  readonly path: string
  /** What is wrong, in Traefik's wording where it has one; what the API shows. */
  readonly message: string
  /** What stands there. */
  readonly found?: string
  /** What may stand there. */
  readonly allowed?: string
  /** The known name that is nearest to an unknown one. */
  readonly nearest?: string
}

/** Prints a problem on one line: `file:line:column: path: message (found …, allowed …, did you mean …?)`. */
export function formatProblem(problem: ConfigProblem): string {
  const place = formatPlace(problem)
  const extras: string[] = []
  if (problem.found !== undefined) extras.push(`found ${problem.found}`)
  if (problem.allowed !== undefined) extras.push(`allowed: ${problem.allowed}`)
  if (problem.nearest !== undefined) extras.push(`did you mean "${problem.nearest}"?`)
  const head = [place, problem.path].filter((part) => part !== '').join(': ')
  return `${head === '' ? '' : `${head}: `}${problem.message}${extras.length > 0 ? ` (${extras.join('; ')})` : ''}`
}

/** Prints a place as `file:line:column`, as far as it is known. */
export function formatPlace(place: Place): string {
  if (place.file === undefined) return ''
  if (place.line === undefined) return place.file
  return place.column === undefined ? `${place.file}:${place.line}` : `${place.file}:${place.line}:${place.column}`
}
