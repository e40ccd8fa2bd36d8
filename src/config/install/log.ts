import { type Static, bool, int, object, optional, text } from '../schema/kit.ts'
import { otlpLogs } from './otlp.ts'

/** The log of the process. */
export const log = object(
  'The log of the process.',
  {
    compress: bool('Whether rotated files are compressed.'),
    filePath: text('File that is written to; standard output when empty.', { masked: true }),
    format: text('Format of a line.', { default: 'common', values: ['common', 'json'] }),
    level: text('Least level that is written.', {
      default: 'ERROR',
      values: ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL', 'PANIC'],
    }),
    maxAge: int('Days that rotated files are kept; 0 keeps them.'),
    maxBackups: int('How many rotated files are kept; 0 keeps all.'),
    maxSize: int('Megabytes at which the file is rotated; 0 is 100.'),
    noColor: bool('Whether lines have no colour.'),
    otlp: optional(object('Export of lines to an OpenTelemetry collector.', otlpLogs, { allowEmpty: true, built: false })),
  },
  { allowEmpty: true },
)

/** Decoded process log options. */
export type Log = Static<typeof log>
