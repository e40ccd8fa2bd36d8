/** TCP and UDP objects: decoded and shown, with the remark that nothing serves them yet. */
import { Draft, type Origin } from './draft.ts'
import type { Merged, Sourced } from './merge.ts'
import type { RouterInfo, RuntimeState } from './state.ts'

type Streams = Pick<RuntimeState, 'tcpRouters' | 'tcpServices' | 'tcpMiddlewares' | 'udpRouters' | 'udpServices'>

class StreamRouter<C> extends Draft<C> implements RouterInfo<C> {
  readonly using: string[] = []
  readonly priority: bigint

  constructor(name: string, config: C, origin: Origin, priority: bigint) {
    super(name, config, origin)
    this.priority = priority
  }
}

class StreamObject<C extends object> extends Draft<C> {
  readonly type: string
  readonly usedBy: string[] = []

  constructor(name: string, config: C, origin: Origin) {
    super(name, config, origin)
    this.type = Object.keys(config)[0]?.toLowerCase() ?? ''
  }

  serverStatus(): Record<string, 'UP' | 'DOWN'> {
    return {}
  }
}

/** Makes the infos of TCP and UDP objects. */
export function resolveStreams(merged: Merged): Streams {
  return {
    tcpRouters: routers(merged.tcpRouters, 'TCP', (config) => config.priority),
    tcpServices: objects(merged.tcpServices, 'TCP'),
    tcpMiddlewares: objects(merged.tcpMiddlewares, 'TCP'),
    udpRouters: routers(merged.udpRouters, 'UDP', () => 0n),
    udpServices: objects(merged.udpServices, 'UDP'),
  }
}

function routers<C>(
  sourced: ReadonlyMap<string, Sourced<C>>,
  protocol: string,
  priority: (config: C) => bigint,
): Map<string, StreamRouter<C>> {
  const made = new Map<string, StreamRouter<C>>()
  for (const [name, { config, origin }] of sourced) {
    const router = new StreamRouter(name, config, origin, priority(config))
    router.fail(`${protocol} routers: not supported yet`)
    made.set(name, router)
  }
  return made
}

function objects<C extends object>(sourced: ReadonlyMap<string, Sourced<C>>, protocol: string): Map<string, StreamObject<C>> {
  const made = new Map<string, StreamObject<C>>()
  for (const [name, { config, origin }] of sourced) {
    const object = new StreamObject(name, config, origin)
    object.fail(`${protocol}: not supported yet`)
    made.set(name, object)
  }
  return made
}
