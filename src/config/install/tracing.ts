import { type Static, bool, float, object, optional, text, textList, textMap } from '../schema/kit.ts'
import { otlpGrpc, otlpHttp } from './otlp.ts'

/** Export of traces. */
export const tracing = object(
  'Export of traces.',
  {
    addInternals: bool("Whether requests to Tidegate's own services are traced."),
    capturedRequestHeaders: textList('Request headers that spans hold.'),
    capturedResponseHeaders: textList('Answer headers that spans hold.'),
    globalAttributes: textMap('The former name of `resourceAttributes`.', { deprecated: 'use resourceAttributes' }),
    otlp: object(
      'Export to an OpenTelemetry collector.',
      {
        grpc: optional(object('Exports by gRPC.', otlpGrpc, { allowEmpty: true })),
        http: object('Exports by HTTP.', otlpHttp, { allowEmpty: true }),
      },
      { allowEmpty: true },
    ),
    resourceAttributes: textMap('Attributes of this process.'),
    safeQueryParams: textList('Query parameters whose values spans hold; others are masked.'),
    sampleRate: float('Share of the requests that are traced, from 0 to 1.', { default: 1 }),
    serviceName: text('Name of this process.', { default: 'traefik' }),
  },
  { allowEmpty: true, built: false },
)

/** Decoded tracing options. */
export type Tracing = Static<typeof tracing>
