import { otlpGrpc, otlpHttp } from './otlp.ts'
import { type Static, bool, float, object, optional, text, textList, textMap } from '../schema/kit.ts'

/** Export of traces. */
export const tracing = object('@@s:tracing@@', {
  addInternals: bool('@@s:tracing.addInternals@@'),
  capturedRequestHeaders: textList('@@s:tracing.capturedRequestHeaders@@'),
  capturedResponseHeaders: textList('@@s:tracing.capturedResponseHeaders@@'),
  globalAttributes: textMap('@@s:tracing.globalAttributes@@', { deprecated: 'please use ResourceAttributes instead' }),
  otlp: object('@@s:tracing.otlp@@', {
    grpc: optional(object('@@s:tracing.otlp.grpc@@', otlpGrpc, { allowEmpty: true })),
    http: object('@@s:tracing.otlp.http@@', otlpHttp, { allowEmpty: true }),
  }, { allowEmpty: true }),
  resourceAttributes: textMap('@@s:tracing.resourceAttributes@@'),
  safeQueryParams: textList('@@s:tracing.safeQueryParams@@'),
  sampleRate: float('@@s:tracing.sampleRate@@', { default: 1 }),
  serviceName: text('@@s:tracing.serviceName@@', { default: 'traefik' }),
}, { allowEmpty: true, built: false })

/** Decoded tracing options. */
export type Tracing = Static<typeof tracing>
