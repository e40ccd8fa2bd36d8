/**
 * The recordings, and what the suite knows about single cases: our own answer where the recorded one is a fault, differences that
 * `docs/differences.md` argues for, and cases that wait for a feature.
 */
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { repositoryRoot } from '../support/sources.ts'
import { comparable, differences, isSilent } from './compare.ts'
import type { Case, Group, Result } from './format.ts'
import { parseJson } from './json.ts'

/** The router that the suite plays the recordings against. */
export const routerCommand: string = join(repositoryRoot, 'bin', 'tidegate')

/** Where our own answers are kept: file → case → results. */
export const ownAnswersFile: string = join(import.meta.dirname, 'own-answers.json')

/** Our own answers, by file and case. */
export type OwnAnswers = Record<string, Record<string, Result[]>>

/** A case that a later feature will answer. */
export interface WaitingCase {
  readonly file: string
  readonly case: string
  /** The feature it waits for. */
  readonly reason: string
}

/** A file of recordings, named by its stage and file name. */
export interface Recording {
  readonly name: string
  readonly group: Group
}

/** Reads the recordings of every stage. */
export function readRecordings(): Recording[] {
  const folder = join(import.meta.dirname, 'fixtures')
  return globSync('*/*.json', { cwd: folder })
    .toSorted()
    .map((file) => {
      const group = parseJson<Group>(readFileSync(join(folder, file), 'utf8'))
      return { name: basename(file, '.json'), group }
    })
}

/** Reads the cases that wait. */
export function readWaiting(): WaitingCase[] {
  const list: WaitingCase[] = JSON.parse(readFileSync(join(import.meta.dirname, 'waiting.json'), 'utf8'))
  return list
}

/** Reads our own answers. */
export function readOwnAnswers(): OwnAnswers {
  return parseJson<OwnAnswers>(readFileSync(ownAnswersFile, 'utf8'))
}

/** The cases that `docs/differences.md` lists, as `file: case`: its table rows that begin with a file and a case in code marks. */
export function readDifferences(): string[] {
  const text = readFileSync(join(repositoryRoot, 'docs', 'differences.md'), 'utf8')
  return [...text.matchAll(/^\| `([^`|]+)` +\| `([^`|]+)` +\|/gm)].map(([, file, name]) => `${file}: ${name}`)
}

/** What is known about single cases. */
export interface Knowledge {
  readonly own: OwnAnswers
  readonly listed: ReadonlySet<string>
  readonly waiting: ReadonlySet<string>
}

/** How a case came out; `problems` is empty when all is well. */
export interface Verdict {
  readonly kind: 'as recorded' | 'own answer' | 'waiting'
  readonly problems: readonly string[]
}

/** Judges what came back for a case. */
export function judge(recording: string, testCase: Case, got: readonly Result[], knowledge: Knowledge): Verdict {
  const key = `${recording}: ${testCase.name}`
  const expected = testCase.expect ?? []
  const now = comparable(testCase, got)
  const fromRecorded = differences(expected, now)
  if (knowledge.waiting.has(key)) {
    const problems = fromRecorded.length > 0 ? [] : ['answers as recorded now: take it off test/golden/waiting.json']
    return { kind: 'waiting', problems }
  }
  if (fromRecorded.length === 0) return { kind: 'as recorded', problems: [] }
  if (testCase.why === undefined && !knowledge.listed.has(key)) return { kind: 'as recorded', problems: fromRecorded }
  if (isSilent(expected, now)) return { kind: 'own answer', problems: ['a crash or silence is no better answer', ...fromRecorded] }
  const own = knowledge.own[recording]?.[testCase.name]
  if (!own) return { kind: 'own answer', problems: ['no answer of our own is kept: npm run test:golden -- --record-own', ...fromRecorded] }
  return { kind: 'own answer', problems: differences(own, now) }
}
