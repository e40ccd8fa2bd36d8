import { type Static, bool, int, mapOf, object, optional, text, textList, textMap } from '../schema/kit.ts'

/** What a plugin may use. */
export const pluginSettings = {
  envs: textList('@@s:experimental.plugins.<name>.settings.envs@@', { masked: true }),
  mounts: textList('@@s:experimental.plugins.<name>.settings.mounts@@', { masked: true }),
  useUnsafe: bool('@@s:experimental.plugins.<name>.settings.useUnsafe@@', { masked: true }),
}

/** Settings of the rule language. */
export const core = object('@@s:core@@', {
  defaultRuleSyntax: text('@@s:core.defaultRuleSyntax@@', { default: 'v3', deprecated: 'Please do not use this field and rewrite the router rules to use the v3 syntax', masked: true, values: ['v3', 'v2'] }),
}, { deprecated: 'Please do not use this field' })

/** Decoded core options. */
export type Core = Static<typeof core>

/** Experimental features and plugins. */
export const experimental = object('@@s:experimental@@', {
  abortOnPluginFailure: bool('@@s:experimental.abortOnPluginFailure@@', { built: false }),
  fastProxy: optional(object('@@s:experimental.fastProxy@@', {
    debug: bool('@@s:experimental.fastProxy.debug@@'),
  }, { allowEmpty: true, noEffect: true })),
  knative: bool('@@s:experimental.knative@@'),
  kubernetesGateway: bool('@@s:experimental.kubernetesGateway@@', { deprecated: 'KubernetesGateway provider is not an experimental feature starting with v3.1. Please remove its usage from the static configuration', noEffect: true }),
  kubernetesIngressNGINX: bool('@@s:experimental.kubernetesIngressNGINX@@', { deprecated: 'KubernetesIngressNGINX provider is not an experimental feature starting with v3.6.2. Please remove its usage from the static configuration', noEffect: true }),
  localPlugins: mapOf('@@s:experimental.localPlugins@@', object('', {
    moduleName: text('@@s:experimental.localPlugins.<name>.moduleName@@'),
    settings: object('@@s:experimental.localPlugins.<name>.settings@@', pluginSettings),
  }), { built: false }),
  otlplogs: bool('@@s:experimental.otlplogs@@'),
  plugins: mapOf('@@s:experimental.plugins@@', object('', {
    hash: text('@@s:experimental.plugins.<name>.hash@@'),
    moduleName: text('@@s:experimental.plugins.<name>.moduleName@@'),
    settings: object('@@s:experimental.plugins.<name>.settings@@', pluginSettings),
    version: text('@@s:experimental.plugins.<name>.version@@'),
  }), { built: false }),
})

/** Decoded experimental options. */
export type Experimental = Static<typeof experimental>

/** Settings of the whole process. */
export const global = object('@@s:global@@', {
  checkNewVersion: bool('@@s:global.checkNewVersion@@', { default: true, noEffect: true }),
  notAppendXForwardedFor: bool('@@s:global.notAppendXForwardedFor@@', { noEffect: true }),
  sendAnonymousUsage: bool('@@s:global.sendAnonymousUsage@@', { noEffect: true }),
})

/** Decoded global options. */
export type Global = Static<typeof global>

/** CNAME flattening for host matching. */
export const hostResolver = object('@@s:hostResolver@@', {
  cnameFlattening: bool('@@s:hostResolver.cnameFlattening@@'),
  resolvConfig: text('@@s:hostResolver.resolvConfig@@', { default: '/etc/resolv.conf' }),
  resolvDepth: int('@@s:hostResolver.resolvDepth@@', { default: 5 }),
}, { allowEmpty: true })

/** Decoded host resolver options. */
export type HostResolver = Static<typeof hostResolver>

/** OCSP stapling. */
export const ocsp = object('@@s:ocsp@@', {
  responderOverrides: textMap('@@s:ocsp.responderOverrides@@', { masked: true }),
}, { allowEmpty: true, built: false })

/** Decoded OCSP options. */
export type Ocsp = Static<typeof ocsp>

/** The SPIFFE workload API. */
export const spiffe = object('@@s:spiffe@@', {
  workloadAPIAddr: text('@@s:spiffe.workloadAPIAddr@@', { masked: true }),
}, { built: false })

/** Decoded SPIFFE options. */
export type Spiffe = Static<typeof spiffe>
