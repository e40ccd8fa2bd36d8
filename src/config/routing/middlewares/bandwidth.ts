import { type Static, defineMiddlewareOptions, int, object, optional, text } from '../../schema/kit.ts'
import { checkIpStrategy } from '../ip-ranges.ts'
import { ipStrategy } from '../shared.ts'

const scopes: readonly string[] = ['client', 'connection', 'route']
/** Slowest pace in bytes a second: below it a single piece of a body would stop a client for minutes. */
const rateMin = 1024
/** Memory of the table of paces, in bytes; the same as the table's own reckoning. */
export const pacesMemoryBytes: number = 4096 * (4 + 2 * 8)

/** Limits how many bytes of bodies flow in a second. */
export const bandwidth = defineMiddlewareOptions({
  key: 'bandwidth',
  options: object(
    'Limits how many bytes of bodies flow in a second, exactly over all workers.',
    {
      download: int('Bytes a second of answers; 0 for as many as there are.'),
      upload: int('Bytes a second of requests; 0 for as many as there are.'),
      burst: int('Bytes that may flow at once after a pause.', { default: 65_536 }),
      scope: text('Who shares a limit: all requests of a client, of a connection, or of a router.', { default: 'client', values: scopes }),
      ipStrategy: optional(
        object('How the address of a client is found; that of the connection when absent.', ipStrategy, { allowEmpty: true }),
      ),
    },
    { extension: true },
  ),
  sharedBytes: ({ scope }) => (scope === 'connection' ? 0 : pacesMemoryBytes),
  check({ download, upload, burst, scope, ipStrategy: strategy }) {
    if (download === 0 && upload === 0) return 'bandwidth: neither download nor upload is limited'
    for (const [name, rate] of [
      ['download', download],
      ['upload', upload],
    ] as const)
      if (rate !== 0 && rate < rateMin) return `bandwidth.${name}: ${rate} is less than ${rateMin} bytes a second`
    if (burst < 1) return `bandwidth.burst: ${burst} lets nothing pass`
    if (!scopes.includes(scope)) return `bandwidth.scope: ${JSON.stringify(scope)} is none of ${scopes.join(', ')}`
    return checkIpStrategy(strategy)
  },
})

/** Options of `bandwidth`. */
export type BandwidthOptions = Static<typeof bandwidth.options>
