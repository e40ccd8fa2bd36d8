import { clientTls } from '../client-tls.ts'
import { bool, object, optional, text, textMap } from '../schema/kit.ts'

/** An OTLP collector that is reached by gRPC. */
export const otlpGrpc = {
  endpoint: text('@@s:metrics.otlp.grpc.endpoint@@', { default: 'localhost:4317', masked: true }),
  headers: textMap('@@s:metrics.otlp.grpc.headers@@', { masked: true }),
  insecure: bool('@@s:metrics.otlp.grpc.insecure@@'),
  tls: optional(object('@@s:metrics.otlp.grpc.tls@@', clientTls)),
}

/** An OTLP collector that is reached by HTTP. */
export const otlpHttp = {
  endpoint: text('@@s:metrics.otlp.http.endpoint@@', { default: 'https://localhost:4318', masked: true }),
  headers: textMap('@@s:metrics.otlp.http.headers@@', { masked: true }),
  tls: optional(object('@@s:metrics.otlp.http.tls@@', clientTls)),
}

/** Export of log lines to an OTLP collector. */
export const otlpLogs = {
  grpc: optional(object('@@s:log.otlp.grpc@@', otlpGrpc, { allowEmpty: true })),
  http: object('@@s:log.otlp.http@@', otlpHttp, { allowEmpty: true }),
  resourceAttributes: textMap('@@s:log.otlp.resourceAttributes@@', { masked: true }),
  serviceName: text('@@s:log.otlp.serviceName@@', { default: 'traefik' }),
}
