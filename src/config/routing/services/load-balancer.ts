import {
  type Static,
  bool,
  defineServiceOptions,
  duration,
  int,
  object,
  objectList,
  optional,
  text,
  textList,
  textMap,
} from '../../schema/kit.ts'
import { balancingOptions, httpHash, passiveOptions, strategyDoc, strategyNames, thresholdOptions } from '../balancing.ts'
import { stickyCookie } from '../shared.ts'

/** Spreads requests over servers. */
export const loadBalancer = defineServiceOptions({
  key: 'loadBalancer',
  options: object('Spreads requests over servers.', {
    sticky: optional(
      object(
        'Keeps a client on one server.',
        {
          cookie: optional(object('The cookie that does so.', stickyCookie, { allowEmpty: true, ignored: ['expires'] })),
        },
        { allowEmpty: true },
      ),
    ),
    servers: objectList(
      'The servers.',
      {
        url: text('URL of the server: `http`, `https`, `h2c`, host and port.'),
        weight: optional(int('Share of the requests.', { effective: '1' })),
        preservePath: bool('Whether the path of the URL is put in front of that of the request.'),
        fenced: bool('Whether the server goes down and gets no new clients.', { internal: true }),
        scheme: text("Scheme of the container's server.", { only: ['label'], effective: 'http' }),
        port: text('Port of the container.', { only: ['label'] }),
      },
      { labelAs: 'server' },
    ),
    strategy: text(strategyDoc, { default: 'wrr', values: strategyNames }),
    hash: optional(httpHash),
    ...balancingOptions,
    healthCheck: optional(
      object('Asks servers from time to time whether they are well.', {
        scheme: text('Scheme of the question.', { effective: 'scheme of the server' }),
        mode: text('Protocol of the question; `tcp` only connects.', { default: 'http', values: ['http', 'grpc', 'tcp'] }),
        path: text('Path of the question.'),
        method: text('Method of the question.', { effective: 'GET' }),
        status: int('Status that a well server answers.', { effective: '200 to 399' }),
        port: int('Port that is asked.', { effective: 'port of the server' }),
        interval: duration('How often a server that is well is asked.', { default: '30s' }),
        unhealthyInterval: optional(duration('How often a server that is down is asked.', { effective: 'interval' })),
        timeout: duration('How long the answer may take.', { default: '5s' }),
        hostname: text('Host of the question.'),
        followRedirects: bool('Whether redirections are followed.', { default: true, pointer: true }),
        headers: textMap('Headers of the question.'),
        statuses: textList('Statuses and ranges that a well server answers, such as `200-299`, instead of `status`.', { extension: true }),
        body: text('Text that the answer of a well server contains.', { extension: true }),
        service: text('Name of the gRPC service that is asked for.', { effective: 'the server as a whole', extension: true }),
        ...thresholdOptions,
      }),
    ),
    passiveHealthCheck: optional(object('Takes servers out whose answers fail.', passiveOptions)),
    passHostHeader: bool('Whether servers get the host of the request instead of their own.', { default: true, pointer: true }),
    responseForwarding: object('How answers are passed on.', {
      flushInterval: duration('How often what has come of an answer is sent on; negative sends it at once.', { default: '100ms' }),
    }),
    serversTransport: text('Name of the transport that makes connections.', { effective: 'default@internal' }),
    nginxUpstreamHashBy: text('Expression whose value decides on the server; made for ingress-nginx.', { internal: true }),
  }),
})

/** Options of `loadBalancer`. */
export type LoadBalancerOptions = Static<typeof loadBalancer.options>
