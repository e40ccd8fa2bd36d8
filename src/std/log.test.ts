import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { createLogger, silentLogger, type LogFields, type LogOptions, type RootLogger } from './log.ts'

const startMs = Date.parse('2026-03-04T05:06:07.890Z')

interface Recorded {
  readonly log: RootLogger
  readonly lines: string[]
  nowMs: number
}

function recorded(options: LogOptions, offsetMinutes = 0): Recorded {
  const lines: string[] = []
  const state = { nowMs: startMs }
  const log = createLogger(options, { now: () => state.nowMs, write: (text) => void lines.push(text), offsetMinutes: () => offsetMinutes })
  return Object.assign(state, { log, lines })
}

describe('process log', () => {
  const plain: { name: string; message: string; fields?: LogFields; line: string }[] = [
    { name: 'message alone', message: 'started', line: '2026-03-04T05:06:07Z INF started\n' },
    { name: 'fields are sorted', message: 'm', fields: { b: 1, a: true }, line: '2026-03-04T05:06:07Z INF m a=true b=1\n' },
    { name: 'error comes first', message: 'm', fields: { a: 'x', error: 'y' }, line: '2026-03-04T05:06:07Z INF m error=y a=x\n' },
    { name: 'undefined is left out', message: 'm', fields: { a: undefined, b: 'x' }, line: '2026-03-04T05:06:07Z INF m b=x\n' },
    {
      name: 'spaces are quoted',
      message: 'm',
      fields: { rule: 'Host(`a`) && Path(`/`)' },
      line: '2026-03-04T05:06:07Z INF m rule="Host(`a`) && Path(`/`)"\n',
    },
    { name: 'empty is quoted', message: 'm', fields: { a: '' }, line: '2026-03-04T05:06:07Z INF m a=""\n' },
    { name: 'R55: a message cannot start a line', message: 'a\nb\rc\td', line: String.raw`2026-03-04T05:06:07Z INF a\nb\rc\td` + '\n' },
    { name: 'R55: terminal escapes', message: '\u001B[31m\u009B2J', line: String.raw`2026-03-04T05:06:07Z INF \u001b[31m\u009b2J` + '\n' },
    {
      name: 'R55: fields',
      message: 'm',
      fields: { a: 'x\n"y\u001B' },
      line: String.raw`2026-03-04T05:06:07Z INF m a="x\n\"y\u001b"` + '\n',
    },
    { name: 'R55: field names', message: 'm', fields: { 'a\nb': 'x' }, line: String.raw`2026-03-04T05:06:07Z INF m a\nb=x` + '\n' },
  ]
  for (const { name, message, fields, line } of plain) {
    it(`common: ${name}`, () => {
      const { log, lines } = recorded({ level: 'info', noColor: true })
      log.info(message, fields)
      assert.deepEqual(lines, [line])
    })
  }

  it('json: level, fields, time, message', () => {
    const { log, lines } = recorded({ level: 'INFO', format: 'json' }, -90)
    log.with({ entryPointName: 'web' }).info('a "b"\n\u009B', { n: 1, error: 'x\u001B' })
    assert.equal(
      lines[0],
      String.raw`{"level":"info","entryPointName":"web","n":1,"error":"x\u001b","time":"2026-03-04T03:36:07-01:30","message":"a \"b\"\n\u009b"}` +
        '\n',
    )
    assert.deepEqual(JSON.parse(lines[0] ?? ''), {
      level: 'info',
      entryPointName: 'web',
      n: 1,
      error: 'x\u001B',
      time: '2026-03-04T03:36:07-01:30',
      message: 'a "b"\n\u009B',
    })
  })

  it('colours time, level and field names unless told not to', () => {
    const { log, lines } = recorded({})
    log.error('m', { a: 'x' })
    assert.equal(lines[0], '\u001B[90m2026-03-04T05:06:07Z\u001B[0m \u001B[31mERR\u001B[0m m \u001B[36ma=\u001B[0mx\n')
  })

  const thresholds: { level: string | undefined; said: string[] }[] = [
    { level: undefined, said: ['ERR'] },
    { level: '', said: ['ERR'] },
    { level: 'trace', said: ['TRC', 'DBG', 'INF', 'WRN', 'ERR'] },
    { level: 'Debug', said: ['DBG', 'INF', 'WRN', 'ERR'] },
    { level: 'INFO', said: ['INF', 'WRN', 'ERR'] },
    { level: 'warn', said: ['WRN', 'ERR'] },
    { level: 'fatal', said: [] },
    { level: 'panic', said: [] },
  ]
  for (const { level, said } of thresholds) {
    it(`level ${level} writes ${said.join(' ') || 'nothing'}`, () => {
      const { log, lines } = recorded({ noColor: true, ...(level === undefined ? {} : { level }) })
      for (const method of ['trace', 'debug', 'info', 'warn', 'error'] as const) log[method]('m')
      assert.deepEqual(
        lines.map((line) => line.split(' ')[1]),
        said,
      )
      assert.equal(log.enabled('INFO'), said.includes('INF'))
    })
  }

  it('reports an unknown level and format and goes on with the defaults', () => {
    const { log, lines } = recorded({ level: 'chatty', format: 'xml', noColor: true })
    log.warn('not said')
    assert.equal(lines.length, 2)
    assert.match(lines[0] ?? '', /unknown log level.* level=CHATTY\n$/)
    assert.match(lines[1] ?? '', /unknown log format.* format=xml\n$/)
  })

  it('changes level and format while running, for derived loggers too', () => {
    const { log, lines } = recorded({ noColor: true })
    const derived = log.with({ a: 'x' })
    derived.info('one')
    log.configure({ level: 'INFO', format: 'json' })
    derived.info('two')
    assert.deepEqual(lines, ['{"level":"info","a":"x","time":"2026-03-04T05:06:07Z","message":"two"}\n'])
  })

  it('cuts long texts', () => {
    const { log, lines } = recorded({ noColor: true })
    log.error('x'.repeat(100_000))
    assert.ok((lines[0]?.length ?? 0) < 17_000)
  })

  it('silentLogger says nothing', () => {
    assert.equal(silentLogger.with({ a: 'x' }).enabled('ERROR'), false)
  })
})

describe('process log in a file', () => {
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'log-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  it('makes the folder, appends, reopens when moved, goes back to standard output', async () => {
    const filePath = join(folder, 'a', 'b', 'process.log')
    const { log, lines } = recorded({ filePath })
    log.error('one')
    renameSync(filePath, `${filePath}.1`)
    log.error('two')
    log.reopen()
    log.error('three')
    assert.equal(readFileSync(`${filePath}.1`, 'utf8'), '2026-03-04T05:06:07Z ERR one\n2026-03-04T05:06:07Z ERR two\n')
    assert.equal(readFileSync(filePath, 'utf8'), '2026-03-04T05:06:07Z ERR three\n')
    log.configure({ noColor: true })
    log.error('four')
    await log.close()
    assert.deepEqual(lines, ['2026-03-04T05:06:07Z ERR four\n'])
  })

  it('says so on standard output when the file cannot be opened', () => {
    const { log, lines } = recorded({ filePath: join(folder, '\0') })
    log.error('one')
    assert.match(lines[0] ?? '', /cannot open log file/)
    assert.match(lines[1] ?? '', /ERR one\n$/)
  })

  it('rotates by size, compresses, keeps so many and so old', async () => {
    const filePath = join(folder, 'rotate', 'process.log')
    const state = recorded({ filePath, maxSizeMb: 1, maxBackups: 2, maxAgeDays: 3 })
    const line = 'x'.repeat(15_000)
    for (let index = 0; index < 290; index += 1) {
      state.nowMs = startMs + index * 60_000
      state.log.error(line)
    }
    await state.log.close()
    const names = readdirSync(join(folder, 'rotate')).sort()
    assert.deepEqual(names, ['process-2026-03-04T08-33-07.890.log.gz', 'process-2026-03-04T09-42-07.890.log.gz', 'process.log'])
    const zipped = names.find((name) => name.endsWith('.gz')) ?? ''
    assert.match(gunzipSync(readFileSync(join(folder, 'rotate', zipped))).toString(), /ERR x{15000}\n$/)
    const again = recorded({ filePath, maxSizeMb: 1, maxAgeDays: 1 })
    again.nowMs = startMs + 10 * 86_400_000
    for (let index = 0; index < 70; index += 1) again.log.error(line)
    await again.log.close()
    assert.deepEqual(readdirSync(join(folder, 'rotate')).sort(), ['process-2026-03-14T05-06-07.890.log.gz', 'process.log'])
    assert.ok(existsSync(filePath))
  })
})
