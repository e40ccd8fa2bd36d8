/** Tells why a template cannot be parsed or executed, and where. */
export class TemplateError extends Error {
  /** The name the template was given, usually its file. */
  readonly file: string
  /** Line of the fault, from 1; 0 when the fault has no place. */
  readonly line: number
  /** Column of the fault in characters, from 1; 0 when the fault has no place. */
  readonly column: number
  /** What is wrong, without the place. */
  readonly reason: string

  constructor(file: string, place: Place, reason: string, options?: { cause?: unknown }) {
    const at = place.line > 0 ? `${file}:${place.line}:${place.column}` : file
    super(`template: ${at}: ${reason}`, options)
    this.name = 'TemplateError'
    this.file = file
    this.line = place.line
    this.column = place.column
    this.reason = reason
  }
}

/** A place in a template's text; line and column count from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

/** Tells what a function or an operation refuses; the evaluator adds the place. */
export class TemplateFault extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'TemplateFault'
  }
}

/** Tells that a template asked for more than its limits allow; it is never taken for a function's own error. */
export class TemplateLimitFault extends TemplateFault {}
