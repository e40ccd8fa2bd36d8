/** Options of load balancers that HTTP, TCP and UDP share. Those that Traefik lacks are marked as extensions. */
import { bool, duration, float, int, object, optional, text, textList } from '../schema/kit.ts'
import { checkIpStrategy } from './ip-ranges.ts'
import { ipStrategy } from './shared.ts'

/** Every strategy, letter for letter; the first is the default. */
export const strategyNames = ['wrr', 'p2c', 'hrw', 'leasttime', 'leastConn', 'random', 'first', 'ring', 'maglev'] as const

/** Strategies that choose by the hash of a key. */
export const hashStrategies: readonly string[] = ['hrw', 'ring', 'maglev']

/** What the hash can be made of. */
export const hashSources = ['clientIp', 'header', 'cookie', 'query', 'path'] as const

/** Text that names what each strategy does, for the reference. */
export const strategyDoc =
  'How a server is chosen. ' +
  '`wrr`: in turn by weight. `p2c`: the less busy of two drawn at random, whatever their weights. ' +
  "`hrw`: by the client's address, highest random weight. `leasttime`: the least product of time to answer and requests in flight, by weight. " +
  '`leastConn`: the fewest requests, connections or sessions in flight, by weight. `random`: drawn at random by weight. ' +
  '`first`: the first that is up, the others being spare ones. ' +
  '`ring`: consistent hash on a ring. `maglev`: consistent hash by a table, with the most even shares.'

const loadFactor = float(
  'Most load of a server as a multiple of the mean, such as 1.25, for `ring` and `maglev`: who is full passes on to the next one. Must be above 1; 0 is no bound.',
  { extension: true },
)

/** What the hash of a request is made of. */
export const httpHash = object(
  'What the hash of a request is made of, for `hrw`, `ring` and `maglev`.',
  {
    source: text('Where the key comes from; a request without it is told by its client address.', {
      default: 'clientIp',
      values: hashSources,
      extension: true,
    }),
    name: text('Name of the header, cookie or query parameter.', { extension: true }),
    ipStrategy: optional(
      object('How the client address is found, instead of taking what the trusted proxy in front has told.', ipStrategy, {
        allowEmpty: true,
        extension: true,
      }),
    ),
    loadFactor,
  },
  { allowEmpty: true, extension: true },
)

/** What bounds the hash of a connection or session, whose key is the client's address. */
export const streamHash = object(
  'How the hash of the client address is used, for `ring` and `maglev`.',
  { loadFactor },
  { allowEmpty: true, extension: true },
)

/** Options that any load balancer has. */
export const balancingOptions = {
  slowStart: duration('Time in which a server that came up, or was added, comes to its full share; 0 gives it that at once.', {
    extension: true,
  }),
  panicThreshold: int(
    'Share of the servers, in percent, that must be up for health to count: with fewer up, all are used. 0 lets health always count.',
    { extension: true },
  ),
  singleAttempt: bool('Whether a request or connection is given up when its server cannot be reached, instead of trying the others.', {
    extension: true,
  }),
}

/** Options of passive checks. */
export const passiveOptions = {
  failureWindow: duration('Time within which failures count, and for which the server is out.', { default: '10s' }),
  maxFailedAttempts: int('Failures that take a server out.', { default: 1 }),
  maxEjectedPercent: int('Most servers that may be out at a time, in percent; beyond that failures take nobody out.', {
    default: 100,
    extension: true,
  }),
  maxEjectionTime: duration('Longest time out: each time in a row is twice as long as the one before, up to this. 0 never lengthens it.', {
    extension: true,
  }),
}

/** Options of active checks that Traefik lacks. */
export const thresholdOptions = {
  rise: int('Checks in a row that must pass before a server that is down is used.', { effective: '1', extension: true }),
  fall: int('Checks in a row that must fail before a server is taken out.', { effective: '1', extension: true }),
  jitter: int('Random part of the interval, in percent, so that checks do not come at once.', { extension: true }),
}

/** Options of active checks of TCP and UDP servers, but for the port. */
export const streamCheckOptions = {
  send: text('What is sent to a server.'),
  expect: text('What a well server must answer.'),
  interval: duration('How often a server that is well is asked.', { default: '30s' }),
  unhealthyInterval: optional(duration('How often a server that is down is asked.', { effective: 'interval' })),
  timeout: duration('How long the answer may take.', { default: '5s' }),
  mode: text('Protocol of the question: a connection, with `send` and `expect`, or a request over HTTP or gRPC.', {
    default: 'tcp',
    values: ['tcp', 'http', 'grpc'],
    extension: true,
  }),
  path: text('Path of the question over HTTP.', { effective: '/', extension: true }),
  hostname: text('Host of the question over HTTP or gRPC.', { effective: 'address of the server', extension: true }),
  statuses: textList('Statuses and ranges that a well server answers over HTTP, such as `200-299`.', {
    effective: '200-399',
    extension: true,
  }),
  body: text('Text that the answer of a well server contains over HTTP.', { extension: true }),
  service: text('Name of the gRPC service that is asked for.', { effective: 'the server as a whole', extension: true }),
}

/** Options of balancers and checks as far as they are checked here. */
export interface CheckedOptions {
  readonly strategy: string
  readonly panicThreshold: number
  readonly slowStart: number
  readonly hash?: {
    readonly source?: string
    readonly name?: string
    readonly loadFactor: number
    readonly ipStrategy?: { readonly depth: number; readonly excludedIPs: readonly string[]; readonly ipv6Subnet?: number }
  }
  readonly passiveHealthCheck?: {
    readonly maxFailedAttempts: number
    readonly maxEjectedPercent: number
    readonly maxEjectionTime: number
  }
  readonly healthCheck?: { readonly rise: number; readonly fall: number; readonly jitter: number }
}

/** A problem with where it lies below `loadBalancer`. */
export interface BalancingProblem {
  readonly path: string
  readonly message: string
  readonly found: string
  readonly allowed?: string
}

/** Most failures in a row that can be asked for. */
const failuresMax = 100
/** Most checks in a row that can be asked for. */
const checksMax = 100

/** What is wrong with the options of a balancer; the first of several problems, undefined when they are sound. */
export function checkBalancing(options: CheckedOptions): BalancingProblem | undefined {
  const { strategy, hash, passiveHealthCheck: passive, healthCheck: check } = options
  if (strategy !== '' && !strategyNames.some((name) => name === strategy))
    return {
      path: 'strategy',
      message: `unsupported load-balancer strategy "${strategy}"`,
      found: strategy,
      allowed: strategyNames.join(', '),
    }
  const limits: readonly (readonly [string, number | undefined, number, number])[] = [
    ['panicThreshold', options.panicThreshold, 0, 100],
    ['slowStart', options.slowStart, 0, Number.MAX_SAFE_INTEGER],
    ['passiveHealthCheck.maxFailedAttempts', passive?.maxFailedAttempts, Number.MIN_SAFE_INTEGER, failuresMax],
    ['passiveHealthCheck.maxEjectedPercent', passive?.maxEjectedPercent, 0, 100],
    ['passiveHealthCheck.maxEjectionTime', passive?.maxEjectionTime, 0, Number.MAX_SAFE_INTEGER],
    ['healthCheck.rise', check?.rise, 0, checksMax],
    ['healthCheck.fall', check?.fall, 0, checksMax],
    ['healthCheck.jitter', check?.jitter, 0, 100],
  ]
  for (const [path, value, least, most] of limits) {
    if (value === undefined || (value >= least && value <= most)) continue
    return { path, message: `${path} must be ${least < 0 ? '' : `at least ${least} and `}at most ${most}`, found: String(value) }
  }
  return hash === undefined ? undefined : checkHash(strategy, hash)
}

function checkHash(strategy: string, hash: NonNullable<CheckedOptions['hash']>): BalancingProblem | undefined {
  const { source = 'clientIp', name = '', loadFactor: factor } = hash
  if (!hashSources.some((known) => known === source))
    return { path: 'hash.source', message: `unknown hash source "${source}"`, found: source, allowed: hashSources.join(', ') }
  if (name === '' && source !== 'clientIp' && source !== 'path')
    return { path: 'hash.name', message: `hash.name must name the ${source === 'query' ? 'query parameter' : source}`, found: '' }
  if (!hashStrategies.includes(strategy))
    return {
      path: 'hash',
      message: `hash has no meaning for the strategy "${strategy === '' ? 'wrr' : strategy}"`,
      found: strategy,
      allowed: hashStrategies.join(', '),
    }
  if (factor !== 0 && !(factor > 1))
    return { path: 'hash.loadFactor', message: 'hash.loadFactor must be greater than 1, or 0', found: String(factor) }
  if (factor !== 0 && strategy === 'hrw')
    return {
      path: 'hash.loadFactor',
      message: 'hash.loadFactor has no meaning for the strategy "hrw"',
      found: String(factor),
      allowed: 'ring, maglev',
    }
  const problem = checkIpStrategy(hash.ipStrategy)
  return problem === undefined ? undefined : { path: 'hash.ipStrategy', message: problem, found: '' }
}
