import { otlpLogs } from './otlp.ts'
import { type Static, bool, int, object, optional, text } from '../schema/kit.ts'

/** The log of the process. */
export const log = object('@@s:log@@', {
  compress: bool('@@s:log.compress@@'),
  filePath: text('@@s:log.filePath@@', { masked: true }),
  format: text('@@s:log.format@@', { default: 'common', values: ['common', 'json'] }),
  level: text('@@s:log.level@@', { default: 'ERROR', values: ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL', 'PANIC'] }),
  maxAge: int('@@s:log.maxAge@@'),
  maxBackups: int('@@s:log.maxBackups@@'),
  maxSize: int('@@s:log.maxSize@@'),
  noColor: bool('@@s:log.noColor@@'),
  otlp: optional(object('@@s:log.otlp@@', otlpLogs, { allowEmpty: true, built: false })),
}, { allowEmpty: true })

/** Decoded process log options. */
export type Log = Static<typeof log>
