import { type Static, bool, duration, floatList, object, optional, text, textMap } from '../schema/kit.ts'
import { otlpGrpc, otlpHttp } from './otlp.ts'

/** Exporters of metrics. */
export const metrics = object('Exporters of metrics.', {
  addInternals: bool("Whether requests to Tidegate's own services are counted."),
  datadog: optional(
    object(
      'Export to a Datadog agent.',
      {
        addEntryPointsLabels: bool('Whether metrics of entry points are exported.', { default: true }),
        address: text('Address of the agent.', { default: 'localhost:8125', masked: true }),
        addRoutersLabels: bool('Whether metrics of routers are exported.'),
        addServicesLabels: bool('Whether metrics of services are exported.', { default: true }),
        prefix: text('Prefix of the names.', { default: 'traefik' }),
        pushInterval: duration('How often metrics are sent.', { default: '10s' }),
      },
      { allowEmpty: true },
    ),
  ),
  influxDB2: optional(
    object(
      'Export to InfluxDB.',
      {
        addEntryPointsLabels: bool('Whether metrics of entry points are exported.', { default: true }),
        additionalLabels: textMap('Labels that all metrics get.'),
        address: text('URL of the server.', { default: 'http://localhost:8086', masked: true }),
        addRoutersLabels: bool('Whether metrics of routers are exported.'),
        addServicesLabels: bool('Whether metrics of services are exported.', { default: true }),
        bucket: text('Bucket that is written to.'),
        org: text('Organisation of the bucket.'),
        pushInterval: duration('How often metrics are sent.', { default: '10s' }),
        token: text('Token for writing.', { fileOrContent: true, secret: true, masked: true }),
      },
      { allowEmpty: true },
    ),
  ),
  otlp: optional(
    object(
      'Export to an OpenTelemetry collector.',
      {
        addEntryPointsLabels: bool('Whether metrics of entry points are exported.', { default: true }),
        addRoutersLabels: bool('Whether metrics of routers are exported.'),
        addServicesLabels: bool('Whether metrics of services are exported.', { default: true }),
        explicitBoundaries: floatList("Upper bounds of the histograms' buckets, in seconds.", {
          default: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0],
        }),
        grpc: optional(object('Exports by gRPC.', otlpGrpc, { allowEmpty: true })),
        http: object('Exports by HTTP.', otlpHttp, { allowEmpty: true }),
        pushInterval: duration('How often metrics are sent.', { default: '10s' }),
        resourceAttributes: textMap('Attributes of this process.'),
        serviceName: text('Name of this process.', { default: 'traefik' }),
      },
      { allowEmpty: true },
    ),
  ),
  prometheus: optional(
    object(
      'Serves metrics for Prometheus.',
      {
        addEntryPointsLabels: bool('Whether metrics of entry points are served.', { default: true }),
        addRoutersLabels: bool('Whether metrics of routers are served.'),
        addServicesLabels: bool('Whether metrics of services are served.', { default: true }),
        buckets: floatList("Upper bounds of the histograms' buckets, in seconds.", { default: [0.1, 0.3, 1.2, 5.0] }),
        entryPoint: text('Name of the entry point that they are served on.', { default: 'traefik' }),
        headerLabels: textMap('Labels from request headers: label to header.'),
        manualRouting: bool('Whether only a router of yours leads to the metrics.'),
      },
      { allowEmpty: true },
    ),
  ),
  statsD: optional(
    object(
      'Export to StatsD.',
      {
        addEntryPointsLabels: bool('Whether metrics of entry points are exported.', { default: true }),
        address: text('Address of the server.', { default: 'localhost:8125', masked: true }),
        addRoutersLabels: bool('Whether metrics of routers are exported.'),
        addServicesLabels: bool('Whether metrics of services are exported.', { default: true }),
        prefix: text('Prefix of the names.', { default: 'traefik' }),
        pushInterval: duration('How often metrics are sent.', { default: '10s' }),
      },
      { allowEmpty: true },
    ),
  ),
})

/** Decoded metrics options. */
export type Metrics = Static<typeof metrics>
