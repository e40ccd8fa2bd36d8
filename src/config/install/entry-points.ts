import { type Static, bigInt, bool, duration, int, object, objectList, optional, text, textList } from '../schema/kit.ts'
import { tlsDomain } from '../tls-domain.ts'

/** An entry point: an address that is listened on, and what holds for everything that comes in there. */
export const entryPoint = object('An entry point: an address, and what holds for what comes in there.', {
  address: text('Where is listened: `[host]:port[/tcp|/udp]`.', { masked: true }),
  allowACMEByPass: bool('Whether routers and services see TLS challenges of ACME instead of Tidegate.', { masked: true, built: false }),
  asDefault: bool('Whether routers that name no entry point are on this one.', { masked: true }),
  forwardedHeaders: object('Which clients may say whom they speak for.', {
    addXForwardedSchemeHeaders: bool('Whether X-Forwarded-Scheme and X-Scheme are set as well.'),
    connection: textList('Headers that stay visible to middlewares although Connection lists them.', { masked: true }),
    insecure: bool('Whether X-Forwarded headers of every client are believed.'),
    notAppendXForwardedFor: bool("Whether the client's address is not added to X-Forwarded-For."),
    trustedIPs: textList('Addresses and ranges whose X-Forwarded headers are believed.', { masked: true }),
  }),
  http: object('What holds for HTTP.', {
    encodedCharacters: optional(
      object('Which encoded characters may stand in paths.', {
        allowEncodedBackSlash: bool('Whether %5C may stand in the path.', { default: true }),
        allowEncodedHash: bool('Whether %23 may stand in the path.', { default: true }),
        allowEncodedNullCharacter: bool('Whether %00 may stand in the path.', { default: true }),
        allowEncodedPercent: bool('Whether %25 may stand in the path.', { default: true }),
        allowEncodedQuestionMark: bool('Whether %3F may stand in the path.', { default: true }),
        allowEncodedSemicolon: bool('Whether %3B may stand in the path.', { default: true }),
        allowEncodedSlash: bool('Whether %2F may stand in the path.', { default: true }),
      }),
    ),
    encodeQuerySemicolons: bool('Whether semicolons in the query are encoded instead of read as `&`.'),
    maxHeaderBytes: int('Largest head of a request.', { default: 1048576 }),
    middlewares: textList('Middlewares in front of those of every router.'),
    redirections: optional(
      object('Redirections of everything that comes in.', {
        entryPoint: optional(
          object('Redirects to another entry point.', {
            permanent: bool('Whether the redirection is permanent.', { default: true }),
            priority: bigInt('Priority of the router that redirects.', { default: 9223372036854775806n }),
            scheme: text('Scheme of the new URL.', { default: 'https' }),
            to: text('Name of the other entry point, or a port such as `:443`.'),
          }),
        ),
      }),
    ),
    sanitizePath: bool('Whether `.`, `..` and double slashes are taken out of paths.', { default: true }),
    tls: optional(
      object(
        'TLS for routers that have none of their own.',
        {
          certResolver: text('Name of the resolver that fetches certificates.'),
          domains: objectList('Domains that the resolver fetches certificates for, instead of those in rules.', tlsDomain),
          options: text('Name of the TLS options.'),
        },
        { allowEmpty: true },
      ),
    ),
    underscoreHeadersStrategy: text('What becomes of headers with an underscore in their name.', {
      default: 'keep',
      values: ['keep', 'delete', 'reject'],
    }),
    maxHeaderCount: int('Most header fields that a request may have; more are answered with 431. 0 is no limit.', {
      default: 1000,
      minimum: 0,
      extension: true,
    }),
  }),
  http2: object('What holds for HTTP/2.', {
    maxConcurrentStreams: int('Most requests at a time on one connection.', { default: 250, bits: 32 }),
    maxDecoderHeaderTableSize: int('Largest header table for requests, in bytes.', { default: 4096, bits: 32 }),
    maxEncoderHeaderTableSize: int('Largest header table for answers, in bytes.', { default: 4096, bits: 32 }),
    extendedConnect: bool('Whether WebSocket is offered over HTTP/2 (RFC 8441).', { extension: true }),
    abusiveConnections: int(
      'Connections of one address that may end with ENHANCE_YOUR_CALM before its new ones are sent away for a while; addresses whose X-Forwarded or PROXY headers are believed never are. 0 sends nobody away.',
      { default: 20, minimum: 0, extension: true },
    ),
  }),
  http3: optional(
    object(
      'Serves HTTP/3 on the same address.',
      {
        advertisedPort: int('Port that clients are told; that of the address when 0.'),
      },
      { allowEmpty: true, built: false },
    ),
  ),
  observability: optional(
    object('What is observed of requests, for routers that do not say.', {
      accessLogs: bool('Whether requests are logged.', { default: true }),
      metrics: bool('Whether requests are counted.', { default: true }),
      traceVerbosity: text('How much is traced.', { default: 'minimal', values: ['minimal', 'detailed'] }),
      tracing: bool('Whether requests are traced.', { default: true }),
    }),
  ),
  proxyProtocol: optional(
    object(
      "Takes clients' addresses from the PROXY protocol.",
      {
        insecure: bool('Whether every client is believed.'),
        trustedIPs: textList('Addresses and ranges that are believed.', { masked: true }),
      },
      { allowEmpty: true },
    ),
  ),
  reusePort: bool('Whether other processes may listen on the same address.', { masked: true }),
  transport: object('Time limits and the end of connections.', {
    keepAliveMaxRequests: int('Requests after which a connection is closed; 0 is no limit.'),
    keepAliveMaxTime: duration('Age at which a connection is closed; 0 is no limit.'),
    lifeCycle: object('How the entry point goes down.', {
      graceTimeOut: duration('How long running requests may take to finish.', { default: '10s' }),
      requestAcceptGraceTimeout: duration('How long new requests are still taken before that.'),
      tunnelsOnRemoval: text(
        'What becomes of WebSockets and other upgraded connections whose router, service or server was removed: they go on, end after `tunnelDrainTimeOut`, or end at once.',
        { default: 'keep', values: ['keep', 'drain', 'close'], extension: true },
      ),
      tunnelDrainTimeOut: duration('How long they may go on with `tunnelsOnRemoval: drain`.', { default: '30s', extension: true }),
    }),
    respondingTimeouts: object('Time limits for requests and answers.', {
      idleTimeout: duration('How long a connection may be idle; 0 is no limit.', { default: '180s' }),
      readTimeout: duration(
        'Longest time for reading a request, body included; the default limits the head and each pause of the body instead. 0 is no limit.',
        { default: '60s' },
      ),
      writeTimeout: duration("Longest time from the end of the request's head to the end of the answer; 0 is no limit."),
      headerTimeout: optional(
        duration('Longest time that the head of a request may take; 0 is no limit.', { extension: true, effective: 'readTimeout' }),
      ),
      bodyIdleTimeout: optional(
        duration('Longest pause within the body of a request; 0 is no limit.', {
          extension: true,
          effective: 'readTimeout unless that is given',
        }),
      ),
      totalTimeout: optional(
        duration('Longest time that the whole request may take, its body included; 0 is no limit.', {
          extension: true,
          effective: 'readTimeout where that is given, or else no limit',
        }),
      ),
      readTimeoutGiven: bool('Set by the decoder when readTimeout was configured, which then limits the whole request.', { hidden: true }),
    }),
  }),
  udp: object(
    'What holds for UDP.',
    {
      timeout: duration('Silence after which a session ends.', { default: '3s', masked: true }),
    },
    { masked: true },
  ),
})

/** A decoded entry point. */
export type EntryPoint = Static<typeof entryPoint>
