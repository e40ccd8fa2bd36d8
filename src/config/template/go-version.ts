/** Semantic versions as sprig's `semver` gives them, and the constraints of `semverCompare`. */
import { TemplateFault } from './error.ts'
import { GoInteger, int, type GoMethod, type GoObject, type Value } from './value.ts'

const versionForm = /^v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/

interface VersionParts {
  readonly major: bigint
  readonly minor: bigint
  readonly patch: bigint
  readonly prerelease: string
  readonly metadata: string
}

/** A semantic version. */
export class GoVersion implements GoObject {
  readonly typeName = '*semver.Version'
  readonly kind = 'ptr'
  readonly parts: VersionParts
  readonly original: string

  constructor(parts: VersionParts, original?: string) {
    this.parts = parts
    this.original = original ?? this.text()
  }

  text(): string {
    const { major, minor, patch, prerelease, metadata } = this.parts
    return `${major}.${minor}.${patch}${prerelease === '' ? '' : `-${prerelease}`}${metadata === '' ? '' : `+${metadata}`}`
  }

  json(): Value {
    return this.text()
  }

  equals(other: GoObject): boolean {
    return this === other
  }

  isZero(): boolean {
    return false
  }

  /** Compares by precedence: -1, 0, or 1; metadata does not count. */
  compare(other: GoVersion): number {
    for (const key of ['major', 'minor', 'patch'] as const) {
      if (this.parts[key] !== other.parts[key]) return this.parts[key] < other.parts[key] ? -1 : 1
    }
    return comparePrerelease(this.parts.prerelease, other.parts.prerelease)
  }

  method(name: string): GoMethod | undefined {
    const simple = this.#facts(name)
    if (simple !== undefined) return { parameters: [], call: () => simple }
    if (name === 'SetPrerelease')
      return { parameters: ['string'], call: ([text]) => this.#with({ prerelease: typeof text === 'string' ? text : '' }) }
    if (name === 'SetMetadata')
      return { parameters: ['string'], call: ([text]) => this.#with({ metadata: typeof text === 'string' ? text : '' }) }
    const comparison = comparisons.get(name)
    if (comparison === undefined) return undefined
    return { parameters: ['version'], call: ([other]) => (other instanceof GoVersion ? comparison(this.compare(other)) : null) }
  }

  #facts(name: string): Value {
    const { major, minor, patch, prerelease, metadata } = this.parts
    switch (name) {
      case 'Major':
        return new GoInteger('uint64', major)
      case 'Minor':
        return new GoInteger('uint64', minor)
      case 'Patch':
        return new GoInteger('uint64', patch)
      case 'Prerelease':
        return prerelease
      case 'Metadata':
        return metadata
      case 'Original':
        return this.original
      case 'String':
        return this.text()
      case 'IncMajor':
        return this.#with({ major: major + 1n, minor: 0n, patch: 0n, prerelease: '', metadata: '' })
      case 'IncMinor':
        return this.#with({ minor: minor + 1n, patch: 0n, prerelease: '', metadata: '' })
      case 'IncPatch':
        // The release that a prerelease leads to is its next patch.
        return this.#with({ patch: prerelease === '' ? patch + 1n : patch, prerelease: '', metadata: '' })
      default:
        return undefined
    }
  }

  #with(changes: Partial<VersionParts>): GoVersion {
    const changed = new GoVersion({ ...this.parts, ...changes })
    const prefix = this.original.startsWith('v') ? 'v' : ''
    return new GoVersion(changed.parts, prefix + changed.text())
  }
}

const comparisons = new Map<string, (order: number) => Value>([
  ['Compare', (order) => int(order)],
  ['Equal', (order) => order === 0],
  ['LessThan', (order) => order < 0],
  ['LessThanEqual', (order) => order <= 0],
  ['GreaterThan', (order) => order > 0],
  ['GreaterThanEqual', (order) => order >= 0],
])

/** Semantic Versioning 2.0.0 section 11: numbers before texts, fewer fields before more, any prerelease before the release. */
function comparePrerelease(a: string, b: string): number {
  if (a === b) return 0
  if (a === '' || b === '') return a === '' ? 1 : -1
  const [left, right] = [a.split('.'), b.split('.')]
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = compareIdentifiers(left[i], right[i])
    if (order !== 0) return order
  }
  return 0
}

function compareIdentifiers(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1
  const numbers = [a, b].map((text) => /^[0-9]+$/.test(text))
  if (numbers[0] === true && numbers[1] === true) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0
  if (numbers[0] !== numbers[1]) return numbers[0] === true ? -1 : 1
  return a < b ? -1 : 1
}

/** Parses a version, of which minor and patch may be left out. */
export function parseVersion(text: string): GoVersion {
  const match = versionForm.exec(text)
  if (match === null) throw new TemplateFault('Invalid Semantic Version')
  const [, major = '0', minor = '.0', patch = '.0', prerelease = '', metadata = ''] = match
  for (const identifier of prerelease === '' ? [] : prerelease.split('.')) {
    if (/^0[0-9]+$/.test(identifier)) throw new TemplateFault('Version segment starts with 0')
  }
  const parts = { major: BigInt(major), minor: BigInt(minor.slice(1)), patch: BigInt(patch.slice(1)), prerelease, metadata }
  return new GoVersion(parts, text)
}

const versionPattern =
  'v?[0-9xX*]+(?:\\.[0-9xX*]+)?(?:\\.[0-9xX*]+)?(?:-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?'
const operatorPattern = '(?:=>|=<|>=|<=|!=|~>|=|>|<|~|\\^|)'
const rangeForm = new RegExp(`\\s*(${versionPattern})\\s+-\\s+(${versionPattern})\\s*`, 'g')
const constraintsForm = new RegExp(
  `^\\s*${operatorPattern}\\s*${versionPattern}\\s*(?:(?:\\s+|,\\s*)${operatorPattern}\\s*${versionPattern}\\s*)*$`,
)
const constraintForm = new RegExp(`(${operatorPattern})\\s*(${versionPattern})`, 'g')
const constraintBytesMax = 1000

interface Constraint {
  readonly operator: string
  readonly version: GoVersion
  /** How many parts of the version are given: 0 to 3. */
  readonly given: number
}

/** Tells whether a version satisfies constraints such as `>= 1.2, < 2 || ^3.1`. */
export function satisfies(version: GoVersion, constraints: string): boolean {
  if (constraints.length > constraintBytesMax) throw new TemplateFault(`a constraint of more than ${constraintBytesMax} bytes`)
  const plain = constraints.replaceAll(rangeForm, '>= $1, <= $2 ')
  const alternatives = plain.split('||').map((alternative) => {
    if (!constraintsForm.test(alternative)) throw new TemplateFault(`improper constraint: ${alternative}`)
    return Array.from(alternative.matchAll(constraintForm), ([, operator = '', text = '']) => parseConstraint(operator, text))
  })
  return alternatives.some((all) => all.every((constraint) => check(version, constraint)))
}

function parseConstraint(operator: string, text: string): Constraint {
  const form = /^v?([0-9xX*]+)(?:\.([0-9xX*]+))?(?:\.([0-9xX*]+))?(-[^+]*)?/.exec(text)
  const numbers = [form?.[1], form?.[2], form?.[3]]
  const isAny = (part: string | undefined): boolean => part === undefined || part === 'x' || part === 'X' || part === '*'
  const free = numbers.findIndex(isAny)
  const given = free < 0 ? 3 : free
  const parts = numbers.map((part, i) => (i < given ? (part ?? '0') : '0'))
  try {
    return { operator, version: parseVersion(`${parts.join('.')}${form?.[4] ?? ''}`), given }
  } catch {
    throw new TemplateFault('constraint Parser Error')
  }
}

function check(version: GoVersion, constraint: Constraint): boolean {
  const { operator, version: wanted, given } = constraint
  const [has, wants] = [version.parts, wanted.parts]
  const order = version.compare(wanted)
  // A prerelease is only wanted by a constraint that names one.
  const isUnwanted = has.prerelease !== '' && wants.prerelease === ''
  if (isUnwanted && (operator !== '!=' || given < 3)) return false
  switch (operator) {
    case '!=':
      return given === 3 ? order !== 0 : differs(version, constraint)
    case '>':
      if (given === 3 || given === 0) return order > 0
      if (has.major !== wants.major) return has.major > wants.major
      return given === 2 && has.minor > wants.minor
    case '<':
      return order < 0
    case '>=':
    case '=>':
      return order >= 0
    case '<=':
    case '=<':
      if (given === 3) return order <= 0
      return has.major < wants.major || (has.major === wants.major && (given === 1 || has.minor <= wants.minor))
    case '^':
      return order >= 0 && inCaret(has, wants, given)
    case '~':
    case '~>':
      return inTilde(version, constraint)
    default:
      return given === 3 ? order === 0 : inTilde(version, constraint)
  }
}

function differs(version: GoVersion, constraint: Constraint): boolean {
  const [has, wants] = [version.parts, constraint.version.parts]
  if (has.major !== wants.major) return true
  if (constraint.given < 2) return false
  return has.minor !== wants.minor || (wants.prerelease !== '' && has.prerelease !== wants.prerelease)
}

function inTilde(version: GoVersion, constraint: Constraint): boolean {
  const { version: wanted, given } = constraint
  const [has, wants] = [version.parts, wanted.parts]
  if (version.compare(wanted) < 0) return false
  // "~*" and "~0.0.0" set no upper end.
  if (wants.major === 0n && wants.minor === 0n && wants.patch === 0n && (given === 0 || given === 3)) return true
  return has.major === wants.major && (given < 2 || has.minor === wants.minor)
}

function inCaret(has: VersionParts, wants: VersionParts, given: number): boolean {
  if (given === 0) return has.major === 0n && has.minor === 0n && has.patch === 0n
  if (wants.major > 0n || given === 1) return has.major === wants.major
  if (has.major > 0n) return false
  if (wants.minor > 0n || given === 2) return has.minor === wants.minor
  return has.minor === 0n && has.patch === wants.patch
}
