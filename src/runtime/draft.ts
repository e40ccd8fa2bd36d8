/** An object while it is being resolved: collects what is wrong with it. */
import { nearestName } from '../config/schema/nearest.ts'
import type { ConfigProblem, Place } from '../config/schema/problem.ts'
import type { RawPath } from '../config/schema/raw.ts'
import { localName, providerOf } from './names.ts'
import type { ObjectInfo, ObjectStatus } from './state.ts'

/** Where an object came from. */
export interface Origin {
  /** Key path such as `http.routers.web`. */
  readonly path: string
  /** Its place in the text; looked for only when something is to be said about the object. */
  /** `below` leads to a part of it, such as `['loadBalancer', 'servers', 0, 'url']`. */
  locate(below?: RawPath): Place
}

/** Base of every resolved object. */
export class Draft<C> implements ObjectInfo<C> {
  readonly name: string
  readonly provider: string
  /** As decoded. */
  readonly source: C
  status: ObjectStatus = 'enabled'
  readonly errors: string[] = []
  readonly details: ConfigProblem[] = []
  readonly #origin: Origin

  constructor(name: string, source: C, origin: Origin) {
    this.name = name
    this.provider = providerOf(name)
    this.source = source
    this.#origin = origin
  }

  /** As the API shows it; subclasses fill values in. */
  get config(): C {
    return this.source
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
    this.details.push({ ...this.#origin.locate(), path: this.#origin.path, severity: 'warning', message })
  }

  #note(severity: 'error' | 'warning', message: string, more: Partial<ConfigProblem>): void {
    if (!this.errors.includes(message)) this.errors.push(message)
    const { path } = this.#origin
    this.details.push({
      ...this.#origin.locate(more.path === undefined ? [] : stepsOf(more.path)),
      severity,
      message,
      ...more,
      path: more.path === undefined ? path : `${path}.${more.path}`,
    })
  }
}

/** Steps of a key path such as `loadBalancer.servers[0].url`. */
function stepsOf(path: string): RawPath {
  return path.split('.').flatMap((part) => part.split('[').map((step) => (step.endsWith(']') ? Number(step.slice(0, -1)) : step)))
}

/** The known name that is nearest to one that is not known, with its provider left out when it is the asker's own. */
export function nearestObject(name: string, known: Iterable<string>, provider: string): string | undefined {
  const nearest = nearestName(name, known)
  return nearest !== undefined && providerOf(nearest) === provider ? localName(nearest) : nearest
}
