import { type Static, bool, int, object, text, textList } from '../../schema/kit.ts'

/** Options of the ecs provider. */
export const ecsProvider = object(
  'Routing configuration from the labels of Amazon ECS tasks.',
  {
    accessKeyID: text('AWS access key.', { secret: true, masked: true }),
    autoDiscoverClusters: bool('Whether all clusters are read.'),
    clusters: textList('Clusters to read.', { default: ['default'] }),
    constraints: text('Expression about labels that containers must fulfil.'),
    defaultRule: text('Template of the rule for containers without one.', { default: 'Host(`{{ normalize .Name }}`)', masked: true }),
    ecsAnywhere: bool('Whether tasks outside of AWS are read too.'),
    exposedByDefault: bool('Whether containers count that do not say so.', { default: true }),
    healthyTasksOnly: bool('Whether only healthy tasks count.'),
    refreshSeconds: int('Seconds between two readings.', { default: 15 }),
    region: text('AWS region.'),
    secretAccessKey: text('AWS secret access key.', { secret: true, masked: true }),
  },
  { allowEmpty: true, built: false },
)

/** Decoded options of the ecs provider. */
export type EcsProviderOptions = Static<typeof ecsProvider>
