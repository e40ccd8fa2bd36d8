/** A text that cannot be read at all: a syntax error with its place. */
import type { ConfigProblem, Place } from '../schema/problem.ts'

/** Thrown by the readers of texts; `message` is one line without the place. */
export class SourceError extends Error {
  readonly line: number | undefined
  readonly column: number | undefined

  constructor(message: string, place: Place = {}, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SourceError'
    this.line = place.line
    this.column = place.column
  }

  /** The error as a problem of the whole text. */
  toProblem(file: string | undefined): ConfigProblem {
    return {
      severity: 'error',
      path: '',
      message: this.message,
      ...(file === undefined ? {} : { file }),
      ...(this.line === undefined ? {} : { line: this.line }),
      ...(this.column === undefined ? {} : { column: this.column }),
    }
  }
}
