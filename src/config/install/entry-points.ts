import { type Static, bigInt, bool, duration, int, object, objectList, optional, text, textList } from '../schema/kit.ts'
import { tlsDomain } from '../tls-domain.ts'

/** An entry point: an address that is listened on, and what holds for everything that comes in there. */
export const entryPoint = object('@@s:entryPoints.<name>@@', {
  address: text('@@s:entryPoints.<name>.address@@', { masked: true }),
  allowACMEByPass: bool('@@s:entryPoints.<name>.allowACMEByPass@@', { masked: true, built: false }),
  asDefault: bool('@@s:entryPoints.<name>.asDefault@@', { masked: true }),
  forwardedHeaders: object('@@s:entryPoints.<name>.forwardedHeaders@@', {
    addXForwardedSchemeHeaders: bool('@@s:entryPoints.<name>.forwardedHeaders.addXForwardedSchemeHeaders@@'),
    connection: textList('@@s:entryPoints.<name>.forwardedHeaders.connection@@', { masked: true }),
    insecure: bool('@@s:entryPoints.<name>.forwardedHeaders.insecure@@'),
    notAppendXForwardedFor: bool('@@s:entryPoints.<name>.forwardedHeaders.notAppendXForwardedFor@@'),
    trustedIPs: textList('@@s:entryPoints.<name>.forwardedHeaders.trustedIPs@@', { masked: true }),
  }),
  http: object('@@s:entryPoints.<name>.http@@', {
    encodedCharacters: optional(object('@@s:entryPoints.<name>.http.encodedCharacters@@', {
      allowEncodedBackSlash: bool('@@s:entryPoints.<name>.http.encodedCharacters.allowEncodedBackSlash@@', { default: true }),
      allowEncodedHash: bool('@@s:entryPoints.<name>.http.encodedCharacters.allowEncodedHash@@', { default: true }),
      allowEncodedNullCharacter: bool('@@s:entryPoints.<name>.http.encodedCharacters.allowEncodedNullCharacter@@', { default: true }),
      allowEncodedPercent: bool('@@s:entryPoints.<name>.http.encodedCharacters.allowEncodedPercent@@', { default: true }),
      allowEncodedQuestionMark: bool('@@s:entryPoints.<name>.http.encodedCharacters.allowEncodedQuestionMark@@', { default: true }),
      allowEncodedSemicolon: bool('@@s:entryPoints.<name>.http.encodedCharacters.allowEncodedSemicolon@@', { default: true }),
      allowEncodedSlash: bool('@@s:entryPoints.<name>.http.encodedCharacters.allowEncodedSlash@@', { default: true }),
    })),
    encodeQuerySemicolons: bool('@@s:entryPoints.<name>.http.encodeQuerySemicolons@@'),
    maxHeaderBytes: int('@@s:entryPoints.<name>.http.maxHeaderBytes@@', { default: 1048576 }),
    middlewares: textList('@@s:entryPoints.<name>.http.middlewares@@'),
    redirections: optional(object('@@s:entryPoints.<name>.http.redirections@@', {
      entryPoint: optional(object('@@s:entryPoints.<name>.http.redirections.entryPoint@@', {
        permanent: bool('@@s:entryPoints.<name>.http.redirections.entryPoint.permanent@@', { default: true }),
        priority: bigInt('@@s:entryPoints.<name>.http.redirections.entryPoint.priority@@', { default: 9223372036854775806n }),
        scheme: text('@@s:entryPoints.<name>.http.redirections.entryPoint.scheme@@', { default: 'https' }),
        to: text('@@s:entryPoints.<name>.http.redirections.entryPoint.to@@'),
      })),
    })),
    sanitizePath: bool('@@s:entryPoints.<name>.http.sanitizePath@@', { default: true }),
    tls: optional(object('@@s:entryPoints.<name>.http.tls@@', {
      certResolver: text('@@s:entryPoints.<name>.http.tls.certResolver@@'),
      domains: objectList('@@s:entryPoints.<name>.http.tls.domains@@', tlsDomain),
      options: text('@@s:entryPoints.<name>.http.tls.options@@'),
    }, { allowEmpty: true, built: false })),
    underscoreHeadersStrategy: text('@@s:entryPoints.<name>.http.underscoreHeadersStrategy@@', { default: 'keep', values: ['keep', 'delete', 'reject'] }),
    maxHeaderCount: int('Most header fields that a request may have; more are answered with 431. 0 is no limit.', { default: 1000, minimum: 0, extension: true }),
  }),
  http2: object('@@s:entryPoints.<name>.http2@@', {
    maxConcurrentStreams: int('@@s:entryPoints.<name>.http2.maxConcurrentStreams@@', { default: 250, bits: 32 }),
    maxDecoderHeaderTableSize: int('@@s:entryPoints.<name>.http2.maxDecoderHeaderTableSize@@', { default: 4096, bits: 32 }),
    maxEncoderHeaderTableSize: int('@@s:entryPoints.<name>.http2.maxEncoderHeaderTableSize@@', { default: 4096, bits: 32 }),
  }, { built: false }),
  http3: optional(object('@@s:entryPoints.<name>.http3@@', {
    advertisedPort: int('@@s:entryPoints.<name>.http3.advertisedPort@@'),
  }, { allowEmpty: true, built: false })),
  observability: optional(object('@@s:entryPoints.<name>.observability@@', {
    accessLogs: bool('@@s:entryPoints.<name>.observability.accessLogs@@', { default: true }),
    metrics: bool('@@s:entryPoints.<name>.observability.metrics@@', { default: true }),
    traceVerbosity: text('@@s:entryPoints.<name>.observability.traceVerbosity@@', { default: 'minimal', values: ['minimal', 'detailed'] }),
    tracing: bool('@@s:entryPoints.<name>.observability.tracing@@', { default: true }),
  })),
  proxyProtocol: optional(object('@@s:entryPoints.<name>.proxyProtocol@@', {
    insecure: bool('@@s:entryPoints.<name>.proxyProtocol.insecure@@'),
    trustedIPs: textList('@@s:entryPoints.<name>.proxyProtocol.trustedIPs@@', { masked: true }),
  }, { allowEmpty: true, built: false })),
  reusePort: bool('@@s:entryPoints.<name>.reusePort@@', { masked: true }),
  transport: object('@@s:entryPoints.<name>.transport@@', {
    keepAliveMaxRequests: int('@@s:entryPoints.<name>.transport.keepAliveMaxRequests@@'),
    keepAliveMaxTime: duration('@@s:entryPoints.<name>.transport.keepAliveMaxTime@@'),
    lifeCycle: object('@@s:entryPoints.<name>.transport.lifeCycle@@', {
      graceTimeOut: duration('@@s:entryPoints.<name>.transport.lifeCycle.graceTimeOut@@', { default: '10s' }),
      requestAcceptGraceTimeout: duration('@@s:entryPoints.<name>.transport.lifeCycle.requestAcceptGraceTimeout@@'),
    }),
    respondingTimeouts: object('@@s:entryPoints.<name>.transport.respondingTimeouts@@', {
      idleTimeout: duration('@@s:entryPoints.<name>.transport.respondingTimeouts.idleTimeout@@', { default: '180s' }),
      readTimeout: duration('@@s:entryPoints.<name>.transport.respondingTimeouts.readTimeout@@', { default: '60s' }),
      writeTimeout: duration('@@s:entryPoints.<name>.transport.respondingTimeouts.writeTimeout@@'),
      headerTimeout: optional(duration('Longest time that the head of a request may take; 0 is no limit.', { extension: true, effective: 'readTimeout' })),
      bodyIdleTimeout: optional(duration('Longest pause within the body of a request; 0 is no limit.', { extension: true, effective: 'readTimeout unless that is given' })),
      totalTimeout: optional(duration('Longest time that the whole request may take, its body included; 0 is no limit.', { extension: true, effective: 'readTimeout where that is given, or else no limit' })),
      readTimeoutGiven: bool('Set by the decoder when readTimeout was configured, which then limits the whole request.', { hidden: true }),
    }),
  }),
  udp: object('@@s:entryPoints.<name>.udp@@', {
    timeout: duration('@@s:entryPoints.<name>.udp.timeout@@', { default: '3s', masked: true }),
  }, { masked: true, built: false }),
})

/** A decoded entry point. */
export type EntryPoint = Static<typeof entryPoint>
