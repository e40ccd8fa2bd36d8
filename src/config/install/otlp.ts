import { clientTls } from '../client-tls.ts'
import { bool, object, optional, text, textMap } from '../schema/kit.ts'

/** An OTLP collector that is reached by gRPC. */
export const otlpGrpc = {
  endpoint: text('Address of the collector.', { default: 'localhost:4317', masked: true }),
  headers: textMap('Metadata of each export.', { masked: true }),
  insecure: bool('Whether no TLS is used.'),
  tls: optional(object('TLS to the collector.', clientTls)),
}

/** An OTLP collector that is reached by HTTP. */
export const otlpHttp = {
  endpoint: text('URL of the collector.', { default: 'https://localhost:4318', masked: true }),
  headers: textMap('Headers of each export.', { masked: true }),
  tls: optional(object('TLS to the collector.', clientTls)),
}

/** Export of log lines to an OTLP collector. */
export const otlpLogs = {
  grpc: optional(object('Exports by gRPC.', otlpGrpc, { allowEmpty: true })),
  http: object('Exports by HTTP.', otlpHttp, { allowEmpty: true }),
  resourceAttributes: textMap('Attributes of this process.', { masked: true }),
  serviceName: text('Name of this process.', { default: 'traefik' }),
}
