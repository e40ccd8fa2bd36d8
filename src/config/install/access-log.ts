import { type Static, bool, duration, int, object, optional, text, textList, textMap } from '../schema/kit.ts'
import { otlpLogs } from './otlp.ts'

/** The log of requests. */
export const accessLog = object(
  'The log of requests.',
  {
    addInternals: bool("Whether requests to Tidegate's own services are logged."),
    bufferingSize: int('Lines that are collected before they are written. Lines are always written in batches.', { noEffect: true }),
    dualOutput: bool('Whether lines are written to the file or standard output besides being exported.'),
    fields: object('Which fields are logged.', {
      defaultMode: text('Whether fields that `names` does not mention are kept.', { default: 'keep', values: ['keep', 'drop'] }),
      headers: object('Which headers are logged.', {
        defaultMode: text('What becomes of headers that `names` does not mention.', {
          default: 'drop',
          values: ['keep', 'drop', 'redact'],
        }),
        names: textMap('What becomes of a header: keep, drop or redact.'),
      }),
      names: textMap('What becomes of a field: keep or drop.'),
      queryParameters: object('Which query parameters are logged.', {
        defaultMode: text('What becomes of query parameters.', { default: 'keep', values: ['keep', 'drop', 'redact'] }),
      }),
    }),
    filePath: text('File that is written to; standard output when empty.', { masked: true }),
    filters: object('Which requests are logged; all when no filter is given.', {
      minDuration: duration('Logs requests that took at least this long.'),
      retryAttempts: bool('Logs requests that were sent more than once.'),
      statusCodes: textList('Logs requests with these statuses: codes or ranges.'),
    }),
    format: text('Format of a line.', { default: 'common', values: ['common', 'json', 'genericCLF'] }),
    otlp: optional(object('Export of lines to an OpenTelemetry collector.', otlpLogs, { allowEmpty: true, built: false })),
  },
  { allowEmpty: true },
)

/** Decoded access log options. */
export type AccessLog = Static<typeof accessLog>
