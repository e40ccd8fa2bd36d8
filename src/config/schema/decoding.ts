/** The state of one decoding: where the decoder is, and what it found wrong. */
import type { TreeSource } from './kit.ts'
import { nearestName } from './nearest.ts'
import type { ConfigProblem, Place } from './problem.ts'
import { describeRaw } from './raw.ts'
import type { RawPath } from './raw.ts'

/** Most problems that are collected for one text; what comes after is only counted. */
export const problemsMax = 200

/** How a tree is decoded. */
export interface DecodeOptions {
  readonly source: TreeSource
  /** Unknown names at the top are skipped with a warning, as Traefik does for files and variables. */
  readonly skipUnknownTop?: boolean
  /** Finds the place of a key or value in the text that the tree came from; only asked when something is wrong. */
  readonly locate?: (path: RawPath) => Place | undefined
  /** Told of each configured option: its schema path and where it stands in the raw tree. */
  readonly onGiven?: (path: string, at: RawPath) => void
  /** Texts for options that existed once, by schema path in lower case: what to do instead. */
  readonly removed?: ReadonlyMap<string, string>
}

/** A step towards an option: the schema's name for it, and the name or index in the raw tree. */
interface Step {
  readonly name: string
  readonly key: string | number
}

/** Collects problems while a tree is decoded. */
export class Decoding {
  readonly problems: ConfigProblem[] = []
  readonly source: TreeSource
  readonly options: DecodeOptions
  /** Go's JSON decoder: strict types, unknown names skipped, no defaults. */
  readonly plain: boolean
  private readonly steps: Step[] = []
  private readonly deprecated = new Set<string>()
  private dropped = 0

  constructor(options: DecodeOptions) {
    this.options = options
    this.source = options.source
    this.plain = options.source === 'rest'
  }

  enter(name: string, key: string | number): void {
    this.steps.push({ name, key })
  }

  leave(): void {
    this.steps.pop()
  }

  get depth(): number {
    return this.steps.length
  }

  /** The key of the step that the decoder is at, as it was written. */
  get key(): string {
    return String(this.steps.at(-1)?.key ?? '')
  }

  /** Schema path of where the decoder is. */
  get path(): string {
    let path = ''
    for (const step of this.steps) {
      if (typeof step.key === 'number') path += `[${step.key}]`
      else path += path === '' ? step.name : `.${step.name}`
    }
    return path
  }

  get rawPath(): (string | number)[] {
    return this.steps.map((step) => step.key)
  }

  given(): void {
    this.options.onGiven?.(this.path, this.rawPath)
  }

  fail(message: string, raw: unknown, allowed?: string): void {
    this.add({ severity: 'error', message, found: describeRaw(raw), ...(allowed === undefined ? {} : { allowed }) })
  }

  /** Reports a name that the schema does not have. */
  unknown(key: string, known: Iterable<string>): void {
    const isTop = this.steps.length === 0
    const skipped = isTop && this.options.skipUnknownTop === true
    this.enter(key, key)
    const advice = this.options.removed?.get(this.path.toLowerCase())
    const nearest = advice === undefined ? nearestName(key, known) : undefined
    if (advice !== undefined) this.add({ severity: 'error', message: `${this.path} was removed in v3: ${advice}` })
    else {
      const message = skipped ? `unknown key ${JSON.stringify(key)} is ignored` : `field not found, node: ${key}`
      this.add({ severity: skipped ? 'warning' : 'error', message, ...(nearest === undefined ? {} : { nearest }) })
    }
    this.leave()
  }

  /** Warns once for each deprecated option, however many objects use it. */
  warnDeprecated(advice: string): void {
    const name = this.steps.at(-1)?.name ?? ''
    const key = `${name}: ${advice}`
    if (this.deprecated.has(key)) return
    this.deprecated.add(key)
    this.add({ severity: 'warning', message: `${name} is deprecated: ${advice}` })
  }

  /** The problems with their places; call it once, at the end. */
  finish(): ConfigProblem[] {
    if (this.dropped > 0) this.problems.push({ severity: 'error', path: '', message: `${this.dropped} more problems` })
    return this.problems
  }

  private add(problem: Omit<ConfigProblem, 'path'>): void {
    if (this.problems.length >= problemsMax) {
      this.dropped += 1
      return
    }
    this.problems.push({ ...this.options.locate?.(this.rawPath), path: this.path, ...problem })
  }
}
