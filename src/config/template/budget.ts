import { TemplateLimitFault } from './error.ts'

/** How much one execution of a template may use. */
export interface TemplateLimits {
  /** Most bytes that a template may write, and that one text or list inside it may have. */
  readonly outputBytesMax: number
  /** Most steps: each action, each turn of a loop, each call, and each 64 bytes that a function makes count as one. */
  readonly stepsMax: number
  /** Deepest nesting of templates that call each other, of blocks and of parentheses, together. */
  readonly depthMax: number
}

/** The limits that hold where none are given: far above what routing files need, and reached within a few seconds. */
export const defaultLimits: TemplateLimits = { outputBytesMax: 32 * 1024 * 1024, stepsMax: 5_000_000, depthMax: 250 }

const bytesPerStep = 64

/** Counts what an execution uses and ends it at a limit. */
export class Budget {
  readonly limits: TemplateLimits
  #steps = 0
  #depth = 0

  constructor(limits: TemplateLimits) {
    this.limits = limits
  }

  /** Counts steps of work. */
  step(count = 1): void {
    this.#steps += count
    if (this.#steps > this.limits.stepsMax) throw new TemplateLimitFault(`more than ${this.limits.stepsMax} steps`)
  }

  /** Counts the bytes of a text before or after it is made. */
  bytes(length: number): void {
    if (length > this.limits.outputBytesMax) throw new TemplateLimitFault(`a text of more than ${this.limits.outputBytesMax} bytes`)
    this.step(Math.ceil(length / bytesPerStep))
  }

  /** Counts the items of a list before or after it is made. */
  items(length: number): void {
    this.step(length)
  }

  /** Goes one level deeper; each `enter` needs its `leave`. */
  enter(): void {
    this.#depth++
    if (this.#depth > this.limits.depthMax) throw new TemplateLimitFault(`nested deeper than ${this.limits.depthMax}`)
  }

  /** Comes back from a level. */
  leave(): void {
    this.#depth--
  }
}
