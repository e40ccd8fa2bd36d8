/**
 * Plays recordings by hand:
 *
 *     node test/golden/replay.ts [--only=TEXT] [--jobs=N] [--binary=PATH] [--record-own] [NAME or FILE...]
 *
 * A name picks the recordings whose name contains it; a path that ends in .json is read as it is. `--record-own` keeps our answer for
 * every case that may differ from the recorded one and does.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { comparable, differences, isSilent } from './compare.ts'
import type { Case, Group, Result } from './format.ts'
import { jsonText, parseJson } from './json.ts'
import { casesOf, replayGroup } from './replay-group.ts'
import { judge, ownAnswersFile, readDifferences, readOwnAnswers, readRecordings, readWaiting, routerCommand } from './suite.ts'
import type { Knowledge, Recording } from './suite.ts'

interface Options {
  readonly command: string
  readonly only: string | undefined
  readonly recordOwn: boolean
}

interface Counts {
  passed: number
  failed: number
  own: number
  waiting: number
}

function pickRecordings(names: readonly string[]): Recording[] {
  const files = names.filter((name) => name.endsWith('.json') && existsSync(name))
  const given = files.map((file): Recording => {
    return { name: basename(file, '.json'), group: parseJson<Group>(readFileSync(file, 'utf8')) }
  })
  const parts = names.filter((name) => !files.includes(name))
  if (parts.length === 0 && given.length > 0) return given
  return [...given, ...readRecordings().filter((recording) => parts.length === 0 || parts.some((part) => recording.name.includes(part)))]
}

async function playOne({ name, group }: Recording, options: Options, knowledge: Knowledge, counts: Counts): Promise<void> {
  const results = await replayGroup(group, options.command, options.only)
  for (const testCase of casesOf(group)) {
    const got = results.get(testCase.name)
    if (!got) continue
    if (options.recordOwn) keepOwn(knowledge, name, testCase, got)
    const verdict = judge(name, testCase, got, knowledge)
    if (verdict.problems.length > 0) counts.failed += 1
    else counts.passed += 1
    if (verdict.kind === 'own answer') counts.own += 1
    if (verdict.kind === 'waiting') counts.waiting += 1
    if (verdict.problems.length > 0) console.log(`✖ ${name}: ${testCase.name}\n    ${verdict.problems.join('\n    ')}`)
  }
}

/** Keeps what was answered when it may differ from the recording and does. */
function keepOwn({ own, listed, waiting }: Knowledge, recording: string, testCase: Case, got: readonly Result[]): void {
  const now = comparable(testCase, got)
  const expected = testCase.expect ?? []
  // A crash or silence says nothing about the answer that is kept.
  if (isSilent(expected, now)) return
  const key = `${recording}: ${testCase.name}`
  const differs = !waiting.has(key) && differences(expected, now).length > 0
  const answers = (own[recording] ??= {})
  if (differs && (testCase.why !== undefined || listed.has(key))) answers[testCase.name] = now
  else delete answers[testCase.name]
  if (Object.keys(answers).length === 0) delete own[recording]
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: {
      'only': { type: 'string' },
      'jobs': { type: 'string', default: '4' },
      'binary': { type: 'string' },
      'record-own': { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const options = {
    command: values.binary === undefined ? routerCommand : resolve(values.binary),
    only: values.only,
    recordOwn: values['record-own'],
  }
  const waiting = new Set(readWaiting().map((each) => `${each.file}: ${each.case}`))
  const knowledge = { own: readOwnAnswers(), listed: new Set(readDifferences()), waiting }
  const counts: Counts = { passed: 0, failed: 0, own: 0, waiting: 0 }
  const queue = pickRecordings(positionals)
  const lane = async (): Promise<void> => {
    for (let recording = queue.shift(); recording; recording = queue.shift()) await playOne(recording, options, knowledge, counts)
  }
  await Promise.all(Array.from({ length: Number(values.jobs) }, lane))
  if (options.recordOwn) writeFileSync(ownAnswersFile, `${jsonText(knowledge.own, 1)}\n`)
  console.log(`${counts.passed} passed (${counts.own} with an answer of our own, ${counts.waiting} waiting), ${counts.failed} failed`)
  return counts.failed > 0 || counts.passed === 0 ? 1 : 0
}

process.exitCode = await main()
