import { otlpLogs } from './otlp.ts'
import { type Static, bool, duration, int, object, optional, text, textList, textMap } from '../schema/kit.ts'

/** The log of requests. */
export const accessLog = object('@@s:accessLog@@', {
  addInternals: bool('@@s:accessLog.addInternals@@'),
  bufferingSize: int('@@s:accessLog.bufferingSize@@'),
  dualOutput: bool('@@s:accessLog.dualOutput@@'),
  fields: object('@@s:accessLog.fields@@', {
    defaultMode: text('@@s:accessLog.fields.defaultMode@@', { default: 'keep', values: ['keep', 'drop'] }),
    headers: object('@@s:accessLog.fields.headers@@', {
      defaultMode: text('@@s:accessLog.fields.headers.defaultMode@@', { default: 'drop', values: ['keep', 'drop', 'redact'] }),
      names: textMap('@@s:accessLog.fields.headers.names@@'),
    }),
    names: textMap('@@s:accessLog.fields.names@@'),
    queryParameters: object('@@s:accessLog.fields.queryParameters@@', {
      defaultMode: text('@@s:accessLog.fields.queryParameters.defaultMode@@', { default: 'keep', values: ['keep', 'drop', 'redact'] }),
    }),
  }),
  filePath: text('@@s:accessLog.filePath@@', { masked: true }),
  filters: object('@@s:accessLog.filters@@', {
    minDuration: duration('@@s:accessLog.filters.minDuration@@'),
    retryAttempts: bool('@@s:accessLog.filters.retryAttempts@@'),
    statusCodes: textList('@@s:accessLog.filters.statusCodes@@'),
  }),
  format: text('@@s:accessLog.format@@', { default: 'common', values: ['common', 'json', 'genericCLF'] }),
  otlp: optional(object('@@s:accessLog.otlp@@', otlpLogs, { allowEmpty: true, built: false })),
}, { allowEmpty: true })

/** Decoded access log options. */
export type AccessLog = Static<typeof accessLog>
