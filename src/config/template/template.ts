/**
 * Go's text/template with the functions of sprig, for routing files and for rules made by templates. Parser and evaluator are our own; a
 * template reaches nothing but its data and the functions here, and what it may use of time and memory is bounded.
 */
import { randomBytes } from 'node:crypto'
import { systemClock } from '../../std/clock.ts'
import type { TemplateTree } from './ast.ts'
import { Budget, defaultLimits, type TemplateLimits } from './budget.ts'
import { fromText, toText } from './bytes.ts'
import { plainFunction, type TemplateFunctions, type TemplateHost } from './call.ts'
import { type Place, TemplateError } from './error.ts'
import { evaluate, type Piece } from './evaluator.ts'
import { parseTree } from './parser.ts'
import { SourceMap } from './source-map.ts'
import { allFunctions, omittedFunctions, safeFunctions } from './sprig.ts'
import { fromPlain, type PlainValue } from './value.ts'

/** How a template is parsed and executed. */
export interface TemplateOptions {
  /** What errors call the template: a file's path, or the name of an option. */
  readonly name: string
  /** Whether `env` and `expandenv` exist. Without, a template that names them is refused. */
  readonly allowEnv: boolean
  /** Further functions by name; they get and give plain values and replace functions of the same name. */
  readonly functions?: Readonly<Record<string, (...args: readonly PlainValue[]) => PlainValue>>
  /** Whether the data is a record: asking it for a field that it does not have is an error. */
  readonly dataIsRecord?: boolean
  /** Time, randomness, environment, and time zone; by default those of the process. */
  readonly host?: Partial<TemplateHost>
  readonly limits?: Partial<TemplateLimits>
}

/** A parsed template. */
export interface Template {
  /** Executes it with data; a TemplateError says what fails, and where. */
  execute(data: PlainValue): string
  /** Executes it with data and keeps where each part of the result comes from. */
  render(data: PlainValue): RenderedTemplate
}

/** What a template gave. */
export interface RenderedTemplate {
  readonly text: string
  /** Gives the place in the template that a place in the text comes from. */
  sourceOf(place: Place): Place
}

const processHost: TemplateHost = {
  nowMs: () => systemClock.now(),
  randomBytes: (size) => randomBytes(size),
  env: (name) => process.env[name],
  // Asked for when a template does: the first look at time zones costs some 8 MiB of resident memory.
  get timeZone() {
    return new Intl.DateTimeFormat().resolvedOptions().timeZone
  },
}

const nowhere = { line: 0, column: 0 }

/** Parses a template; a TemplateError says what is wrong, and where. */
export function parseTemplate(text: string, options: TemplateOptions): Template {
  const { name } = options
  // Most files hold no action at all.
  if (!text.includes('{{')) return { execute: () => text, render: () => ({ text, sourceOf: (place) => place }) }
  const functions = functionsFor(options)
  const limits = { ...defaultLimits, ...options.limits }
  const program = { file: name, tree: guard(name, () => parse(name, fromText(text), functions)), functions }
  const host = { ...processHost, ...options.host }
  const run = (data: PlainValue): readonly Piece[] =>
    guard(name, () => evaluate(program, { budget: new Budget(limits), host }, fromPlain(data, options.dataIsRecord ?? false)))
  const textOf = (pieces: readonly Piece[]): string => toText(pieces.map((piece) => piece.text).join(''))
  return {
    execute: (data) => textOf(run(data)),
    render(data) {
      const pieces = run(data)
      const map = new SourceMap(program.tree.source, pieces)
      return { text: textOf(pieces), sourceOf: (place) => map.sourceOf(place) }
    },
  }
}

function parse(name: string, source: string, functions: TemplateFunctions): TemplateTree {
  try {
    return parseTree(name, source, functions)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    const unknown = /^function "(.*)" not defined$/.exec(error.reason)?.[1]
    if (unknown === undefined || !omittedFunctions.has(unknown)) throw error
    throw new TemplateError(name, error, `function "${unknown}" not defined: it is one of sprig's that are left out here`, { cause: error })
  }
}

function functionsFor(options: TemplateOptions): TemplateFunctions {
  const base = options.allowEnv ? allFunctions : safeFunctions
  if (options.functions === undefined) return base
  return new Map([...base, ...Object.entries(options.functions).map(([name, call]) => [name, plainFunction(call)] as const)])
}

/** Turns what escapes the limits, such as a full stack, into a TemplateError. */
function guard<T>(name: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (error instanceof TemplateError) throw error
    throw new TemplateError(name, nowhere, error instanceof Error ? error.message : String(error), { cause: error })
  }
}
