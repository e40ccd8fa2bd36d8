import { type Static, bool, int, object, text, textList } from '../../schema/kit.ts'

/** Options of the ecs provider. */
export const ecsProvider = object('@@s:providers.ecs@@', {
  accessKeyID: text('@@s:providers.ecs.accessKeyID@@', { secret: true, masked: true }),
  autoDiscoverClusters: bool('@@s:providers.ecs.autoDiscoverClusters@@'),
  clusters: textList('@@s:providers.ecs.clusters@@', { default: ['default'] }),
  constraints: text('@@s:providers.ecs.constraints@@'),
  defaultRule: text('@@s:providers.ecs.defaultRule@@', { default: 'Host(`{{ normalize .Name }}`)', masked: true }),
  ecsAnywhere: bool('@@s:providers.ecs.ecsAnywhere@@'),
  exposedByDefault: bool('@@s:providers.ecs.exposedByDefault@@', { default: true }),
  healthyTasksOnly: bool('@@s:providers.ecs.healthyTasksOnly@@'),
  refreshSeconds: int('@@s:providers.ecs.refreshSeconds@@', { default: 15 }),
  region: text('@@s:providers.ecs.region@@'),
  secretAccessKey: text('@@s:providers.ecs.secretAccessKey@@', { secret: true, masked: true }),
}, { allowEmpty: true, built: false })

/** Decoded options of the ecs provider. */
export type EcsProviderOptions = Static<typeof ecsProvider>
