import { type Static, bool, int, object, text } from '../schema/kit.ts'

/** The API and the dashboard. */
export const api = object(
  'The API and the dashboard.',
  {
    basePath: text('Path that they stand below.', { default: '/' }),
    dashboard: bool('Whether the dashboard is there.', { default: true }),
    dashboardName: text('Name that the dashboard shows.'),
    debug: bool('Whether profiling endpoints are there: `/debug/vars` and `/debug/pprof/`.'),
    disableDashboardAd: bool("Whether the dashboard shows no advertisement; Tidegate's has none."),
    insecure: bool('Whether they are served on the entry point `traefik` without a router of yours.'),
  },
  { allowEmpty: true },
)

/** Decoded API options. */
export type Api = Static<typeof api>

/** The liveness endpoint. */
export const ping = object(
  'The liveness endpoint `/ping`.',
  {
    entryPoint: text('Name of the entry point that it is served on.', { default: 'traefik' }),
    manualRouting: bool('Whether only a router of yours leads to it.'),
    terminatingStatusCode: int('Status that it answers while the process goes down.', { default: 503 }),
  },
  { allowEmpty: true },
)

/** Decoded ping options. */
export type Ping = Static<typeof ping>
