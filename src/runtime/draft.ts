/** An object while it is being resolved: collects what is wrong with it. */
import type { ConfigProblem, Place } from '../config/schema/problem.ts'
import type { ObjectInfo, ObjectStatus } from './state.ts'
import { localName, providerOf } from './names.ts'

/** Where an object came from: its key path and its place, if known. */
export interface Origin extends Place {
  /** Key path such as `http.routers.web`. */
  readonly path: string
}

/** Base of every resolved object. */
export class Draft<C> implements ObjectInfo<C> {
  readonly name: string
  readonly provider: string
  config: C
  status: ObjectStatus = 'enabled'
  readonly errors: string[] = []
  readonly details: ConfigProblem[] = []
  readonly #origin: Origin

  constructor(name: string, config: C, origin: Origin) {
    this.name = name
    this.provider = providerOf(name)
    this.config = config
    this.#origin = origin
  }

  /** Notes an error that puts the object out of use. */
  fail(message: string, more: Partial<ConfigProblem> = {}): void {
    this.status = 'disabled'
    this.#note('error', message, more)
  }

  /** Notes a finding that the object can live with. */
  warn(message: string, more: Partial<ConfigProblem> = {}): void {
    if (this.status === 'enabled') this.status = 'warning'
    this.#note('warning', message, more)
  }

  /** Adds a remark for `check` and the log only; status and API errors stay as they are. */
  remark(message: string): void {
    this.details.push({ ...this.#place(), severity: 'warning', message })
  }

  #note(severity: 'error' | 'warning', message: string, more: Partial<ConfigProblem>): void {
    if (!this.errors.includes(message)) this.errors.push(message)
    const place = this.#place()
    this.details.push({ ...place, severity, message, ...more, path: more.path === undefined ? place.path : `${place.path}.${more.path}` })
  }

  #place(): Origin {
    return this.#origin
  }
}

/** The known name that is nearest to one that is not known, with its provider left out when it is the asker's own. */
export function nearestName(name: string, known: Iterable<string>, provider: string): string | undefined {
  let best: string | undefined
  let least = Math.max(2, Math.floor(localName(name).length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(name, candidate, least)
    if (distance < least) {
      least = distance
      best = providerOf(candidate) === provider ? localName(candidate) : candidate
    }
  }
  return best
}

function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const change = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(change, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[b.length] ?? limit
}
