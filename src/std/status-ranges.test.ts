import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inStatusRanges, parseStatusRanges } from './status-ranges.ts'

const cases: readonly { texts: readonly string[]; inside?: readonly number[]; outside?: readonly number[]; problem?: string }[] = [
  { texts: ['500'], inside: [500], outside: [499, 501] },
  { texts: ['418', ' 500-599 '], inside: [418, 500, 599], outside: [419, 499, 600] },
  { texts: ['599-500'], outside: [500, 550, 599] },
  { texts: ['500-502-504'], inside: [500, 502], outside: [503, 504] },
  { texts: [], outside: [200] },
  { texts: ['200', '5xx'], problem: '5xx' },
  { texts: ['502,504'], problem: '502,504' },
  { texts: ['-5'], problem: '-5' },
  { texts: ['99999999999999999999'], problem: '99999999999999999999' },
]

for (const { texts, inside = [], outside = [], problem } of cases) {
  test(`status ranges: ${texts.join(' and ') || 'none'}`, () => {
    const parsed = parseStatusRanges(texts)
    if ('problem' in parsed) {
      assert.equal(parsed.problem, problem)
      return
    }
    assert.equal(problem, undefined)
    for (const status of inside) assert.ok(inStatusRanges(parsed.ranges, status), String(status))
    for (const status of outside) assert.ok(!inStatusRanges(parsed.ranges, status), String(status))
  })
}
