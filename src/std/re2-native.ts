/**
 * Which Go patterns V8's backtracking engine may run: those that are read whole by the plain reader, so that their meaning is known, and whose
 * worst case is proven linear. The proof walks the pattern from its end to its start and keeps, for what follows a place, the characters it can
 * begin with, how its cost grows with the text, and how many steps it takes to fail on a character it cannot begin with.
 */
import { rangesMeet, mergeRanges } from './char-ranges.ts'
import type { CharRanges } from './char-ranges.ts'
import { parsePlainPattern } from './re2-syntax.ts'
import type { PlainNode } from './re2-syntax.ts'

/** A pattern translated for V8. */
export interface NativePattern {
  /** Source for `new RegExp(source, 'u…')`. */
  readonly source: string
  /** True when it can match at the start of the text only: to be run sticky, so that V8 does not search. */
  readonly anchored: boolean
  /** Names of the groups by number; '' for unnamed ones, and for group 0. */
  readonly groupNames: readonly string[]
}

/** Steps a character that a proven pattern may cost at most. */
const stepsMax = 256

/** What is known about matching all that follows a place in the pattern. */
interface Rest {
  /** Characters that it can begin with. */
  readonly first: CharRanges
  /** Power of the text's length in the cost of matching it from one place. */
  readonly degree: number
  /** Factor of that power. */
  readonly cost: number
  /** Steps to fail where the next character is not in `first`. */
  readonly fail: number
  /** True when it matches everywhere, be it nothing: then nothing before it ever gives characters back. */
  readonly sure: boolean
}

const end: Rest = { first: [], degree: 0, cost: 1, fail: 1, sure: true }

/** Translates a pattern; undefined when it is not proven to mean the same in V8 and to take linear time there. */
export function translateToNative(pattern: string): NativePattern | undefined {
  const plain = parsePlainPattern(pattern)
  if (plain === undefined) return undefined
  const anchored = isAnchored(plain.root)
  const whole = analyse(plain.root, end)
  // A search starts at every place of the text, so each start may only take a constant.
  if (whole.degree > (anchored ? 1 : 0) || Math.max(whole.cost, whole.fail) > stepsMax) return undefined
  return { source: print(plain.root), anchored, groupNames: plain.groupNames }
}

function isAnchored(node: PlainNode): boolean {
  switch (node.kind) {
    case 'assert':
      return node.sign === '^'
    case 'group':
      return isAnchored(node.body)
    case 'concat':
      return node.items[0] !== undefined && isAnchored(node.items[0])
    case 'alternate':
      return node.items.every(isAnchored)
    default:
      return false
  }
}

function analyse(node: PlainNode, rest: Rest): Rest {
  switch (node.kind) {
    case 'class':
      return { first: node.ranges, degree: rest.degree, cost: 1 + rest.cost, fail: 1, sure: false }
    case 'repeat':
      return analyseRepeat(node, rest)
    case 'option':
      return analyseBranches([analyse(node.body, rest), rest])
    case 'concat':
      return node.items.reduceRight((after, item) => analyse(item, after), rest)
    case 'alternate':
      return analyseBranches(node.items.map((item) => analyse(item, rest)))
    case 'group':
      return analyse(node.body, rest)
    case 'assert':
      return { first: rest.first, degree: rest.degree, cost: 1 + rest.cost, fail: 1 + rest.fail, sure: false }
  }
}

function analyseRepeat(node: PlainNode & { kind: 'repeat' }, rest: Rest): Rest {
  const first = node.min === 0 ? mergeRanges([...node.ranges, ...rest.first]) : node.ranges
  const known = { first, fail: node.min === 0 ? 1 + rest.fail : 1, sure: node.min === 0 && rest.sure }
  // Where what follows cannot begin with a repeated character, giving characters back fails in a few steps each.
  const isClear = !rangesMeet(node.ranges, rest.first)
  if (node.max === Infinity) {
    // Before a sure rest the match is found once the repetition is entered: a cost of the match, not of each start.
    if (rest.sure) return { ...known, degree: rest.degree, cost: node.min + 1 + rest.cost }
    if (isClear) return { ...known, degree: Math.max(1, rest.degree), cost: node.min + 1 + rest.fail + rest.cost }
    return { ...known, degree: rest.degree + 1, cost: node.min + 1 + rest.cost }
  }
  const choices = node.max - node.min
  const cost = node.max + (isClear ? choices * rest.fail + rest.cost : (choices + 1) * rest.cost)
  return { ...known, degree: rest.degree, cost }
}

function analyseBranches(branches: readonly Rest[]): Rest {
  let first: CharRanges = []
  let isClear = true
  let fail = 1
  let worst = 0
  let sum = 0
  let degree = 0
  let sure = false
  for (const branch of branches) {
    if (rangesMeet(first, branch.first)) isClear = false
    first = mergeRanges([...first, ...branch.first])
    fail += branch.fail
    worst = Math.max(worst, branch.cost)
    sum += branch.cost
    degree = Math.max(degree, branch.degree)
    sure ||= branch.sure
  }
  return { first, degree, cost: 1 + (isClear ? fail + worst : sum), fail, sure }
}

function print(node: PlainNode): string {
  switch (node.kind) {
    case 'class':
      return printClass(node.ranges)
    case 'repeat':
      return printClass(node.ranges) + printCount(node.min, node.max) + (node.lazy ? '?' : '')
    case 'option':
      return `${print(node.body)}?${node.lazy ? '?' : ''}`
    case 'concat':
      return node.items.map(print).join('')
    case 'alternate':
      return node.items.map(print).join('|')
    case 'group':
      return `(${node.capture ? '' : '?:'}${print(node.body)})`
    case 'assert':
      return node.sign
  }
}

function printCount(min: number, max: number): string {
  if (max === Infinity) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`
  return min === max ? `{${min}}` : `{${min},${max}}`
}

function printClass(ranges: CharRanges): string {
  if (ranges.length === 2 && ranges[0] === ranges[1]) return printChar(ranges[0] ?? 0)
  let out = ''
  for (let i = 0; i < ranges.length; i += 2) {
    const [first = 0, last = 0] = [ranges[i], ranges[i + 1]]
    out += first === last ? printChar(first) : `${printChar(first)}-${printChar(last)}`
  }
  return `[${out}]`
}

function printChar(code: number): string {
  const char = String.fromCodePoint(code)
  return /^[A-Za-z0-9_/]$/.test(char) ? char : `\\u{${code.toString(16)}}`
}
