/**
 * The process log: what Tidegate says about itself. A line is made as one text and written at once, to standard output or to a file.
 * Nothing that a client or a configuration can say breaks out of its field: control characters, terminal escapes included, are escaped.
 */
import { openLogFile, type LogFile, type RotationOptions } from './log-file.ts'
import { formatRfc3339, localOffsetMinutes } from './time-text.ts'

/** Levels from the most talkative to the most silent. */
export const logLevels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL', 'PANIC'] as const

/** One of the levels. */
export type LogLevel = (typeof logLevels)[number]

/** Fields of a line; undefined ones are left out. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** The install option `log`, as decoded; what is absent has its default. */
export interface LogOptions {
  /** Any case; ERROR by default. */
  readonly level?: string
  /** `common` (default) or `json`. */
  readonly format?: string
  /** Standard output when empty. */
  readonly filePath?: string
  readonly noColor?: boolean
  readonly maxSizeMb?: number
  readonly maxAgeDays?: number
  readonly maxBackups?: number
}

/** What the log needs of the world; tests put theirs in. */
export interface LogEnvironment {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Writes to standard output. */
  readonly write: (text: string) => void
  /** Minutes east of UTC. */
  readonly offsetMinutes: (timeMs: number) => number
}

/** Says things at a level. `with` gives a logger that adds the same fields to each line. */
export interface Logger {
  trace(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** Whether lines of this level are written; ask it before making an expensive text. */
  enabled(level: LogLevel): boolean
  with(fields: LogFields): Logger
}

/** The logger that owns the output. */
export interface RootLogger extends Logger {
  /** Takes new options while running; loggers made by `with` follow. */
  configure(options: LogOptions): void
  /** Opens the file anew, after it was moved. */
  reopen(): void
  /** Closes the file once background work on old files is done; later lines go to standard output. */
  close(): Promise<void>
}

/** Longest text of a message or field in UTF-16 units; the rest is cut. */
const textLengthMax = 16_384

const systemEnvironment: LogEnvironment = {
  now: () => Date.now(),
  write: (text) => void process.stdout.write(text),
  offsetMinutes: localOffsetMinutes,
}

/** Makes the process log. Options that cannot be followed are reported on the log itself, which then uses the default. */
export function createLogger(options: LogOptions = {}, environment: Partial<LogEnvironment> = {}): RootLogger {
  const output = new Output({ ...systemEnvironment, ...environment })
  const root = new RootFieldLogger(output)
  root.configure(options)
  return root
}

/** A logger that says nothing, for tests and tools. */
export const silentLogger: Logger = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  enabled: () => false,
  with: () => silentLogger,
}

function nothing(): void {}

class Output {
  readonly #environment: LogEnvironment
  #threshold = logLevels.indexOf('ERROR')
  #json = false
  #color = true
  #filePath = ''
  #rotation: RotationOptions = { maxSizeMb: 0, maxAgeDays: 0, maxBackups: 0 }
  #file: LogFile | null = null
  #second = -1
  #secondText = ''

  constructor(environment: LogEnvironment) {
    this.#environment = environment
  }

  enabled(level: LogLevel): boolean {
    return logLevels.indexOf(level) >= this.#threshold
  }

  configure(options: LogOptions): void {
    const problems: [string, LogFields][] = []
    const level = (options.level ?? '').toUpperCase() || 'ERROR'
    const threshold = logLevels.findIndex((known) => known === level)
    if (threshold < 0) problems.push([`unknown log level, ERROR is used; known are ${logLevels.join(', ')}`, { level }])
    this.#threshold = threshold < 0 ? logLevels.indexOf('ERROR') : threshold
    const format = options.format ?? ''
    if (format !== '' && format !== 'common' && format !== 'json')
      problems.push(['unknown log format, common is used; known are common, json', { format }])
    this.#json = format === 'json'
    const problem = this.#openFile(options)
    if (problem !== null) problems.push([`cannot open log file, standard output is used: ${problem}`, { filePath: options.filePath }])
    this.#color = this.#file === null && options.noColor !== true && (options.filePath ?? '') === ''
    for (const [message, fields] of problems) this.line('ERROR', message, {}, fields)
  }

  line(level: LogLevel, message: string, own: LogFields, extra: LogFields): void {
    const time = this.#time()
    const line = { level, time, message, fields: { ...own, ...extra } }
    const text = this.#json ? jsonLine(line) : commonLine(line, this.#color)
    const file = this.#file
    if (file === null) {
      this.#environment.write(text)
      return
    }
    try {
      file.write(text)
    } catch {
      // The disk is full or gone: the line must not be lost, and must not end the process.
      this.#environment.write(text)
    }
  }

  reopen(): void {
    try {
      this.#file?.reopen()
    } catch (cause) {
      this.#file = null
      this.line('ERROR', `cannot open log file, standard output is used: ${errorText(cause)}`, {}, { filePath: this.#filePath })
    }
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = null
    this.#filePath = ''
    file?.close()
    await file?.settled()
  }

  /** Opens the file of the options unless it is open already; returns why it cannot be opened. */
  #openFile(options: LogOptions): string | null {
    const path = options.filePath ?? ''
    const rotation = { maxSizeMb: options.maxSizeMb ?? 0, maxAgeDays: options.maxAgeDays ?? 0, maxBackups: options.maxBackups ?? 0 }
    if (this.#file !== null && path === this.#filePath && sameRotation(rotation, this.#rotation)) return null
    const before = this.#file
    this.#file = null
    this.#filePath = path
    this.#rotation = rotation
    before?.close()
    if (path === '') return null
    try {
      this.#file = openLogFile(path, rotation, this.#environment.now)
      return null
    } catch (cause) {
      return errorText(cause)
    }
  }

  #time(): string {
    const nowMs = this.#environment.now()
    const second = Math.floor(nowMs / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#secondText = formatRfc3339(nowMs, this.#environment.offsetMinutes(nowMs))
    }
    return this.#secondText
  }
}

class FieldLogger implements Logger {
  protected readonly output: Output
  readonly #fields: LogFields

  constructor(output: Output, fields: LogFields) {
    this.output = output
    this.#fields = fields
  }

  trace(message: string, fields: LogFields = noFields): void {
    if (this.output.enabled('TRACE')) this.output.line('TRACE', message, this.#fields, fields)
  }

  debug(message: string, fields: LogFields = noFields): void {
    if (this.output.enabled('DEBUG')) this.output.line('DEBUG', message, this.#fields, fields)
  }

  info(message: string, fields: LogFields = noFields): void {
    if (this.output.enabled('INFO')) this.output.line('INFO', message, this.#fields, fields)
  }

  warn(message: string, fields: LogFields = noFields): void {
    if (this.output.enabled('WARN')) this.output.line('WARN', message, this.#fields, fields)
  }

  error(message: string, fields: LogFields = noFields): void {
    if (this.output.enabled('ERROR')) this.output.line('ERROR', message, this.#fields, fields)
  }

  enabled(level: LogLevel): boolean {
    return this.output.enabled(level)
  }

  with(fields: LogFields): Logger {
    return new FieldLogger(this.output, { ...this.#fields, ...fields })
  }
}

class RootFieldLogger extends FieldLogger implements RootLogger {
  constructor(output: Output) {
    super(output, noFields)
  }

  configure(options: LogOptions): void {
    this.output.configure(options)
  }

  reopen(): void {
    this.output.reopen()
  }

  close(): Promise<void> {
    return this.output.close()
  }
}

const noFields: LogFields = {}

interface Line {
  readonly level: LogLevel
  readonly time: string
  readonly message: string
  readonly fields: LogFields
}

/** `{"level":"info",<fields>,"time":"…","message":"…"}`. */
function jsonLine({ level, time, message, fields }: Line): string {
  let text = `{"level":"${level.toLowerCase()}"`
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) text += `,${jsonText(name)}:${typeof value === 'string' ? jsonText(value) : JSON.stringify(value)}`
  }
  return `${text},"time":"${time}","message":${jsonText(message)}}\n`
}

const shortNames: Readonly<Record<LogLevel, string>> = {
  TRACE: 'TRC',
  DEBUG: 'DBG',
  INFO: 'INF',
  WARN: 'WRN',
  ERROR: 'ERR',
  FATAL: 'FTL',
  PANIC: 'PNC',
}
const levelColors: Readonly<Record<LogLevel, string>> = {
  TRACE: '34',
  DEBUG: '35',
  INFO: '32',
  WARN: '33',
  ERROR: '31',
  FATAL: '31',
  PANIC: '31',
}

/** `2026-01-02T15:04:05Z INF message name=value`, the fields in alphabetical order, an `error` first. */
function commonLine({ level, time, message, fields }: Line, color: boolean): string {
  let text = `${paint(time, '90', color)} ${paint(shortNames[level], levelColors[level], color)} ${plainText(message)}`
  const names = Object.keys(fields).sort((a, b) => Number(b === 'error') - Number(a === 'error') || (a < b ? -1 : 1))
  for (const name of names) {
    const value = fields[name]
    if (value !== undefined) text += ` ${paint(`${plainText(name)}=`, '36', color)}${fieldText(String(value))}`
  }
  return `${text}\n`
}

function paint(text: string, code: string, color: boolean): string {
  return color ? `\u001B[${code}m${text}\u001B[0m` : text
}

// Control characters of ASCII and C1 (terminals take U+009B for an escape), and the line separators.
const unsafePattern = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/g
const jsonUnsafePattern = /[\u007F-\u009F\u2028\u2029]/g

/** JSON of a text with every control character escaped, longer ones cut. */
function jsonText(text: string): string {
  return JSON.stringify(cut(text)).replace(jsonUnsafePattern, unicodeEscape)
}

function plainText(text: string): string {
  return cut(text).replace(unsafePattern, plainEscape)
}

/** A field value, quoted when it is not one plain word. */
function fieldText(value: string): string {
  return value === '' || /[\s"=\\\u0000-\u001F\u007F-\u009F]/.test(value) ? jsonText(value) : cut(value)
}

function plainEscape(character: string): string {
  if (character === '\n') return String.raw`\n`
  if (character === '\r') return String.raw`\r`
  if (character === '\t') return String.raw`\t`
  return unicodeEscape(character)
}

function unicodeEscape(character: string): string {
  return String.raw`\u` + character.charCodeAt(0).toString(16).padStart(4, '0')
}

function cut(text: string): string {
  return text.length > textLengthMax ? `${text.slice(0, textLengthMax)}…` : text
}

function sameRotation(a: RotationOptions, b: RotationOptions): boolean {
  return a.maxSizeMb === b.maxSizeMb && a.maxAgeDays === b.maxAgeDays && a.maxBackups === b.maxBackups
}

function errorText(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
