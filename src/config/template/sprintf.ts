import type { Budget } from './budget.ts'
import { splitRunes } from './bytes.ts'
import { bareDirective, formatArgument, formatValue, type Directive } from './format.ts'
import { GoInteger, typeName, type Value } from './value.ts'

/** Go's limit for a width or a precision. */
const sizeMax = 1_000_000

/** Formats values as Go's Sprintf does. */
export function sprintf(format: string, args: readonly Value[], budget: Budget): string {
  return new Printer(format, args, budget).print()
}

class Printer {
  readonly #format: string
  readonly #args: readonly Value[]
  readonly #budget: Budget
  #at = 0
  #argument = 0
  #reordered = false
  #goodIndex = true
  #afterIndex = false
  #result = ''

  constructor(format: string, args: readonly Value[], budget: Budget) {
    this.#format = format
    this.#args = args
    this.#budget = budget
  }

  print(): string {
    const format = this.#format
    while (this.#at < format.length) {
      const percent = format.indexOf('%', this.#at)
      this.#write(format.slice(this.#at, percent < 0 ? format.length : percent))
      if (percent < 0) break
      this.#at = percent + 1
      this.#directive()
    }
    this.#extra()
    return this.#result
  }

  #write(text: string): void {
    this.#result += text
    this.#budget.bytes(this.#result.length > this.#budget.limits.outputBytesMax ? this.#result.length : text.length)
  }

  #directive(): void {
    const directive = bareDirective('')
    this.#flags(directive)
    this.#goodIndex = true
    this.#afterIndex = false
    this.#index()
    this.#width(directive)
    this.#precision(directive)
    if (!this.#afterIndex) this.#index()
    const verb = splitRunes(this.#format.slice(this.#at, this.#at + 4))[0]
    if (verb === undefined) {
      this.#write('%!(NOVERB)')
      return
    }
    this.#at += verb.length
    directive.verb = verb
    if (verb === '%') this.#write('%')
    else if (!this.#goodIndex) this.#write(`%!${verb}(BADINDEX)`)
    else if (this.#argument >= this.#args.length) this.#write(`%!${verb}(MISSING)`)
    else this.#write(formatArgument(this.#args[this.#argument++], vFlags(directive), this.#budget))
  }

  #flags(directive: Directive): void {
    for (; this.#at < this.#format.length; this.#at++) {
      switch (this.#format[this.#at]) {
        case '#':
          directive.sharp = true
          break
        case '0':
          directive.zero = true
          break
        case '+':
          directive.plus = true
          break
        case '-':
          directive.minus = true
          break
        case ' ':
          directive.space = true
          break
        default:
          return
      }
    }
  }

  /** Reads an explicit argument index such as `[2]`. */
  #index(): void {
    if (this.#format[this.#at] !== '[') return
    this.#reordered = true
    const close = this.#format.indexOf(']', this.#at)
    const digits = close < 0 ? '' : this.#format.slice(this.#at + 1, close)
    const wanted = /^\d{1,7}$/.test(digits) ? Number(digits) - 1 : -1
    this.#at = close < 0 ? this.#at + 1 : close + 1
    if (wanted < 0 || wanted >= this.#args.length) {
      this.#goodIndex = false
      return
    }
    this.#argument = wanted
    this.#afterIndex = true
  }

  #width(directive: Directive): void {
    if (this.#format[this.#at] !== '*') {
      directive.width = this.#number()
      if (this.#afterIndex && directive.width >= 0) this.#goodIndex = false
      return
    }
    this.#at++
    const width = this.#starArgument()
    if (width === undefined) this.#write('%!(BADWIDTH)')
    directive.width = Math.abs(width ?? -1)
    if (width === undefined) directive.width = -1
    if (width !== undefined && width < 0) {
      directive.minus = true
      directive.zero = false
    }
    this.#afterIndex = false
  }

  #precision(directive: Directive): void {
    if (this.#format[this.#at] !== '.') return
    this.#at++
    if (this.#afterIndex) this.#goodIndex = false
    this.#index()
    if (this.#format[this.#at] === '*') {
      this.#at++
      const precision = this.#starArgument()
      if (precision === undefined) this.#write('%!(BADPREC)')
      directive.precision = precision === undefined || precision < 0 ? -1 : precision
      this.#afterIndex = false
    } else {
      directive.precision = Math.max(this.#number(), 0)
    }
  }

  #number(): number {
    const from = this.#at
    while (/^\d$/.test(this.#format[this.#at] ?? '')) this.#at++
    if (from === this.#at) return -1
    const value = Number(this.#format.slice(from, this.#at))
    return value > sizeMax ? -1 : value
  }

  #starArgument(): number | undefined {
    const value = this.#args[this.#argument]
    if (this.#argument >= this.#args.length) return undefined
    this.#argument++
    if (!(value instanceof GoInteger)) return undefined
    const size = Number(value.value)
    return Math.abs(size) > sizeMax ? undefined : size
  }

  /** Names the arguments that no verb asked for. */
  #extra(): void {
    if (this.#reordered || this.#argument >= this.#args.length) return
    const rest = this.#args.slice(this.#argument)
    const shown = rest.map((value) =>
      value === undefined || value === null ? '<nil>' : `${typeName(value)}=${formatValue(value, this.#budget)}`,
    )
    this.#write(`%!(EXTRA ${shown.join(', ')})`)
  }
}

/** With `%+v` and `%#v` a flag changes what is printed of structs and how types are shown; numbers take no sign from it. */
function vFlags(directive: Directive): Directive {
  return directive.verb === 'v' && directive.plus ? { ...directive, plus: false } : directive
}
