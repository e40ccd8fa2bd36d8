import { type Static, bool, int, mapOf, object, optional, text, textList, textMap } from '../schema/kit.ts'

/** What a plugin may use. */
export const pluginSettings = {
  envs: textList('Environment variables that it may read.', { masked: true }),
  mounts: textList('Folders that it may read.', { masked: true }),
  useUnsafe: bool('Whether it may use unsafe packages.', { masked: true }),
}

/** Settings of the rule language. */
export const core = object(
  'Settings of the rule language.',
  {
    defaultRuleSyntax: text('Version of the rule language for routers that name none.', {
      default: 'v3',
      deprecated: 'write rules in v3 syntax',
      masked: true,
      values: ['v3', 'v2'],
    }),
  },
  { deprecated: 'write rules in v3 syntax' },
)

/** Decoded core options. */
export type Core = Static<typeof core>

/** Experimental features and plugins. */
export const experimental = object('Experimental features and plugins.', {
  abortOnPluginFailure: bool('Whether a plugin that does not load stops the start.', { built: false }),
  fastProxy: optional(
    object(
      'Accepted for compatibility: Tidegate has one way of passing requests on.',
      {
        debug: bool('Accepted for compatibility.'),
      },
      { allowEmpty: true, noEffect: true },
    ),
  ),
  knative: bool('Whether the Knative provider may be used.'),
  kubernetesGateway: bool('Accepted for compatibility.', {
    deprecated: 'leave it out; the provider needs no switch any more',
    noEffect: true,
  }),
  kubernetesIngressNGINX: bool('Accepted for compatibility.', {
    deprecated: 'leave it out; the provider needs no switch any more',
    noEffect: true,
  }),
  localPlugins: mapOf(
    'Plugins in the folder `plugins-local`, by name.',
    object('', {
      moduleName: text('Name of the module, which is its folder.'),
      settings: object('What the plugin may use.', pluginSettings),
    }),
    { built: false },
  ),
  otlplogs: bool('Whether logs may be exported to an OpenTelemetry collector.'),
  plugins: mapOf(
    'Plugins from the catalogue, by name.',
    object('', {
      hash: text('Hash that the archive must have.'),
      moduleName: text('Name of the module.'),
      settings: object('What the plugin may use.', pluginSettings),
      version: text('Version of the module.'),
    }),
    { built: false },
  ),
})

/** Decoded experimental options. */
export type Experimental = Static<typeof experimental>

/** Settings of the whole process. */
export const global = object('Settings of the whole process.', {
  checkNewVersion: bool('Accepted for compatibility: Tidegate asks nobody for new versions.', { default: true, noEffect: true }),
  notAppendXForwardedFor: bool('Accepted for compatibility; set it on the entry point.', { noEffect: true }),
  sendAnonymousUsage: bool('Accepted for compatibility: Tidegate sends nobody anything.', { noEffect: true }),
})

/** Decoded global options. */
export type Global = Static<typeof global>

/** CNAME flattening for host matching. */
export const hostResolver = object(
  'Follows CNAME records of requested hosts for matching.',
  {
    cnameFlattening: bool('Whether rules match the last name of the chain too.'),
    resolvConfig: text('File with the name servers.', { default: '/etc/resolv.conf' }),
    resolvDepth: int('Longest chain of names.', { default: 5 }),
  },
  { allowEmpty: true },
)

/** Decoded host resolver options. */
export type HostResolver = Static<typeof hostResolver>

/** OCSP stapling. */
export const ocsp = object(
  'Staples OCSP answers to certificates.',
  {
    responderOverrides: textMap('Responders to ask instead: URL in the certificate to URL.', { masked: true }),
  },
  { allowEmpty: true },
)

/** Decoded OCSP options. */
export type Ocsp = Static<typeof ocsp>

/** The SPIFFE workload API. */
export const spiffe = object(
  'Identities from a SPIFFE workload API.',
  {
    workloadAPIAddr: text('Address of the workload API.', { masked: true }),
  },
  { built: false },
)

/** Decoded SPIFFE options. */
export type Spiffe = Static<typeof spiffe>
