/**
 * The recorded answers of the real Traefik, played against `bin/tidegate`. TIDEGATE_GOLDEN_JOBS says how many files at a time,
 * TIDEGATE_GOLDEN_ONLY picks files whose name contains it.
 */
import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import process from 'node:process'
import { describe, test } from 'node:test'
import { casesOf, replayGroup } from './replay-group.ts'
import { judge, readDifferences, readOwnAnswers, readRecordings, readWaiting, routerCommand } from './suite.ts'

const recordings = readRecordings()
const waiting = readWaiting()
const listed = readDifferences()
const knowledge = {
  own: readOwnAnswers(),
  listed: new Set(listed),
  waiting: new Set(waiting.map((each) => `${each.file}: ${each.case}`)),
}

// Most of the time is spent waiting, so that more files than cores can be under way.
const jobs = Number(process.env['TIDEGATE_GOLDEN_JOBS'] ?? availableParallelism() * 2)
const only = process.env['TIDEGATE_GOLDEN_ONLY'] ?? ''

test('the lists of special cases name cases that are there, and few', () => {
  const all = new Set(recordings.flatMap(({ name, group }) => casesOf(group).map((each) => `${name}: ${each.name}`)))
  assert.ok(all.size > 500) // A check that looks at nothing must not pass.
  assert.deepEqual(
    [...knowledge.waiting, ...listed].filter((each) => !all.has(each)),
    [],
  )
  assert.deepEqual(
    waiting.filter((each) => each.reason.length < 10),
    [],
  )
  assert.ok(listed.length <= all.size * 0.02)
})

for (const each of waiting) console.log(`waiting: ${each.file}: ${each.case}: ${each.reason}`)

describe('recorded answers', { concurrency: jobs }, () => {
  for (const { name, group } of recordings.filter((recording) => recording.name.includes(only))) {
    test(name, async (t) => {
      const results = await replayGroup(group, routerCommand)
      for (const each of casesOf(group)) {
        await t.test(each.name, () => assert.deepEqual(judge(name, each, results.get(each.name) ?? [], knowledge).problems, []))
      }
    })
  }
})
