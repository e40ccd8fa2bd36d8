import { otlpGrpc, otlpHttp } from './otlp.ts'
import { type Static, bool, duration, floatList, object, optional, text, textMap } from '../schema/kit.ts'

/** Exporters of metrics. */
export const metrics = object('@@s:metrics@@', {
  addInternals: bool('@@s:metrics.addInternals@@'),
  datadog: optional(object('@@s:metrics.datadog@@', {
    addEntryPointsLabels: bool('@@s:metrics.datadog.addEntryPointsLabels@@', { default: true }),
    address: text('@@s:metrics.datadog.address@@', { default: 'localhost:8125', masked: true }),
    addRoutersLabels: bool('@@s:metrics.datadog.addRoutersLabels@@'),
    addServicesLabels: bool('@@s:metrics.datadog.addServicesLabels@@', { default: true }),
    prefix: text('@@s:metrics.datadog.prefix@@', { default: 'traefik' }),
    pushInterval: duration('@@s:metrics.datadog.pushInterval@@', { default: '10s' }),
  }, { allowEmpty: true })),
  influxDB2: optional(object('@@s:metrics.influxDB2@@', {
    addEntryPointsLabels: bool('@@s:metrics.influxDB2.addEntryPointsLabels@@', { default: true }),
    additionalLabels: textMap('@@s:metrics.influxDB2.additionalLabels@@'),
    address: text('@@s:metrics.influxDB2.address@@', { default: 'http://localhost:8086', masked: true }),
    addRoutersLabels: bool('@@s:metrics.influxDB2.addRoutersLabels@@'),
    addServicesLabels: bool('@@s:metrics.influxDB2.addServicesLabels@@', { default: true }),
    bucket: text('@@s:metrics.influxDB2.bucket@@'),
    org: text('@@s:metrics.influxDB2.org@@'),
    pushInterval: duration('@@s:metrics.influxDB2.pushInterval@@', { default: '10s' }),
    token: text('@@s:metrics.influxDB2.token@@', { fileOrContent: true, secret: true, masked: true }),
  }, { allowEmpty: true })),
  otlp: optional(object('@@s:metrics.otlp@@', {
    addEntryPointsLabels: bool('@@s:metrics.otlp.addEntryPointsLabels@@', { default: true }),
    addRoutersLabels: bool('@@s:metrics.otlp.addRoutersLabels@@'),
    addServicesLabels: bool('@@s:metrics.otlp.addServicesLabels@@', { default: true }),
    explicitBoundaries: floatList('@@s:metrics.otlp.explicitBoundaries@@', { default: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0] }),
    grpc: optional(object('@@s:metrics.otlp.grpc@@', otlpGrpc, { allowEmpty: true })),
    http: object('@@s:metrics.otlp.http@@', otlpHttp, { allowEmpty: true }),
    pushInterval: duration('@@s:metrics.otlp.pushInterval@@', { default: '10s' }),
    resourceAttributes: textMap('@@s:metrics.otlp.resourceAttributes@@'),
    serviceName: text('@@s:metrics.otlp.serviceName@@', { default: 'traefik' }),
  }, { allowEmpty: true })),
  prometheus: optional(object('@@s:metrics.prometheus@@', {
    addEntryPointsLabels: bool('@@s:metrics.prometheus.addEntryPointsLabels@@', { default: true }),
    addRoutersLabels: bool('@@s:metrics.prometheus.addRoutersLabels@@'),
    addServicesLabels: bool('@@s:metrics.prometheus.addServicesLabels@@', { default: true }),
    buckets: floatList('@@s:metrics.prometheus.buckets@@', { default: [0.1, 0.3, 1.2, 5.0] }),
    entryPoint: text('@@s:metrics.prometheus.entryPoint@@', { default: 'traefik' }),
    headerLabels: textMap('@@s:metrics.prometheus.headerLabels@@'),
    manualRouting: bool('@@s:metrics.prometheus.manualRouting@@'),
  }, { allowEmpty: true })),
  statsD: optional(object('@@s:metrics.statsD@@', {
    addEntryPointsLabels: bool('@@s:metrics.statsD.addEntryPointsLabels@@', { default: true }),
    address: text('@@s:metrics.statsD.address@@', { default: 'localhost:8125', masked: true }),
    addRoutersLabels: bool('@@s:metrics.statsD.addRoutersLabels@@'),
    addServicesLabels: bool('@@s:metrics.statsD.addServicesLabels@@', { default: true }),
    prefix: text('@@s:metrics.statsD.prefix@@', { default: 'traefik' }),
    pushInterval: duration('@@s:metrics.statsD.pushInterval@@', { default: '10s' }),
  }, { allowEmpty: true })),
}, { built: false })

/** Decoded metrics options. */
export type Metrics = Static<typeof metrics>
