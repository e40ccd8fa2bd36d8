import { type Static, bool, int, object, text } from '../schema/kit.ts'

/** The API and the dashboard. */
export const api = object('@@s:api@@', {
  basePath: text('@@s:api.basePath@@', { default: '/' }),
  dashboard: bool('@@s:api.dashboard@@', { default: true }),
  dashboardName: text('@@s:api.dashboardName@@'),
  debug: bool('@@s:api.debug@@', { built: false }),
  disableDashboardAd: bool('@@s:api.disableDashboardAd@@'),
  insecure: bool('@@s:api.insecure@@'),
}, { allowEmpty: true })

/** Decoded API options. */
export type Api = Static<typeof api>

/** The liveness endpoint. */
export const ping = object('@@s:ping@@', {
  entryPoint: text('@@s:ping.entryPoint@@', { default: 'traefik' }),
  manualRouting: bool('@@s:ping.manualRouting@@'),
  terminatingStatusCode: int('@@s:ping.terminatingStatusCode@@', { default: 503 }),
}, { allowEmpty: true })

/** Decoded ping options. */
export type Ping = Static<typeof ping>
