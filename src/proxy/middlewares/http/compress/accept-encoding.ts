/** Which encoding a client gets (RFC 9110 §12.5.3). */

/** Values of Accept-Encoding that are remembered; they come from clients, so the memory is bounded. */
const knownMax = 256
/** Longer values are not remembered. */
const knownLengthMax = 128

/** Chooses among the encodings on offer. */
export class EncodingChoice {
  readonly #offered: readonly string[]
  readonly #default: string
  readonly #known = new Map<string, string>()

  /** `offered`: preferred ones first. `defaultEncoding`: for clients that say nothing; '' for none. */
  constructor(offered: readonly string[], defaultEncoding: string) {
    this.#offered = offered
    this.#default = defaultEncoding
  }

  /** The encoding for these values of Accept-Encoding; '' for none. */
  of(values: readonly string[]): string {
    const [first] = values
    if (first === undefined) return this.#default
    const value = values.length === 1 ? first : values.join(',')
    const known = this.#known.get(value)
    if (known !== undefined) return known
    const chosen = this.#choose(value)
    if (value.length > knownLengthMax) return chosen
    if (this.#known.size >= knownMax) this.#known.clear()
    this.#known.set(value, chosen)
    return chosen
  }

  /** The highest weight wins; among equals `*`, then the order of the offer. */
  #choose(value: string): string {
    const weights = readWeights(value)
    let chosen = ''
    let best = 0
    const any = weights.get('*') ?? 0
    if (any > 0) {
      const preferred = [this.#default, ...this.#offered].find((name) => name !== '' && weights.get(name) !== 0)
      if (preferred !== undefined) {
        chosen = preferred
        best = any
      }
    }
    for (const name of this.#offered) {
      const weight = weights.get(name) ?? 0
      if (weight <= best) continue
      chosen = name
      best = weight
    }
    return (weights.get('identity') ?? 0) > best ? '' : chosen
  }
}

/** Weights by lower-case name; 0 for what is refused or cannot be read. */
function readWeights(value: string): Map<string, number> {
  const weights = new Map<string, number>()
  for (const part of value.split(',')) {
    const [name = '', ...parameters] = part.split(';')
    const weight = parameters.map((parameter) => parameter.trim()).find((parameter) => /^q=/i.test(parameter))
    const q = weight === undefined ? 1 : Number(weight.slice(2) === '' ? Number.NaN : weight.slice(2))
    weights.set(name.trim().toLowerCase(), Number.isFinite(q) && q > 0 ? q : 0)
  }
  return weights
}
