import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ManualClock } from '../../../test/support/manual-clock.ts'
import { LineFile, waitingBytesMax } from './line-file.ts'

let folder = ''
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'lines-'))
})
after(() => rmSync(folder, { recursive: true }))

function noWarning(message: string): void {
  assert.fail(message)
}

describe('LineFile', () => {
  it('waits a little for more lines, not longer', async () => {
    const clock = new ManualClock()
    const path = join(folder, 'delay', 'a.log')
    const file = new LineFile(path, clock, noWarning)
    file.write('one\n')
    file.write('two\n')
    assert.equal(statSync(path).size, 0)
    assert.equal(clock.pending, 1)
    clock.advance(50)
    await file.flush()
    assert.equal(readFileSync(path, 'utf8'), 'one\ntwo\n')
    assert.equal(clock.pending, 0)
    await file.retire()
  })

  it('bounds what waits, loses the rest whole, and says how much', async () => {
    const warnings: [string, Readonly<Record<string, string>>][] = []
    const path = join(folder, 'bound.log')
    const file = new LineFile(path, new ManualClock(), (message, fields) => void warnings.push([message, fields]))
    const line = `${'x'.repeat(1023)}\n`
    const lines = waitingBytesMax / 1024
    // The first 64 lines leave at once and make room for as many.
    for (let index = 0; index < lines + 74; index += 1) file.write(line)
    await file.flush()
    assert.equal(statSync(path).size, (lines + 64) * 1024)
    assert.deepEqual(warnings, [['access log lines were lost', { count: '10', filePath: path }]])
    await file.retire()
  })

  it('writes whole lines to a standard output that is a slow pipe', async () => {
    const script = `
      import { LineFile } from ${JSON.stringify(new URL('line-file.ts', import.meta.url).href)}
      import { systemClock } from ${JSON.stringify(new URL('../../std/clock.ts', import.meta.url).href)}
      const file = new LineFile('', systemClock, (message) => process.stderr.write(message))
      process.stdout.write('')
      for (let index = 0; index < 5000; index += 1) file.write(index + ' ' + 'x'.repeat(150) + '\\n')
      const alive = setInterval(() => {}, 1000)
      await file.flush()
      clearInterval(alive)
    `
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    for await (const chunk of child.stdout) text += String(chunk)
    const lines = text.split('\n').slice(0, -1)
    assert.deepEqual(
      lines.map((line) => line.split(' ')[0]),
      Array.from({ length: 5000 }, (_, index) => String(index)),
    )
    assert.ok(lines.every((line) => line.endsWith(' ' + 'x'.repeat(150))))
  })
})
