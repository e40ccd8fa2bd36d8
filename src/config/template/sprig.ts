/** All functions that templates of configuration files have. */
import { builtins } from './builtins.ts'
import type { TemplateFunctions } from './call.ts'
import { dateFunctions } from './sprig/dates.ts'
import { encodingFunctions } from './sprig/encoding.ts'
import { envFunctions, flowFunctions } from './sprig/flow.ts'
import { jsonFunctions } from './sprig/json.ts'
import { listFunctions } from './sprig/lists.ts'
import { mapFunctions } from './sprig/maps.ts'
import { numberFunctions } from './sprig/numbers.ts'
import { pathFunctions } from './sprig/paths.ts'
import { randomFunctions } from './sprig/random.ts'
import { regexFunctions } from './sprig/regex.ts'
import { semverFunctions } from './sprig/semver.ts'
import { textFunctions } from './sprig/text.ts'
import { urlFunctions } from './sprig/url.ts'

/** Go's own functions, sprig's, and Traefik's, without those that read the environment. */
export const safeFunctions: TemplateFunctions = new Map([
  ...builtins,
  ...dateFunctions,
  ...encodingFunctions,
  ...flowFunctions,
  ...jsonFunctions,
  ...listFunctions,
  ...mapFunctions,
  ...numberFunctions,
  ...pathFunctions,
  ...randomFunctions,
  ...regexFunctions,
  ...semverFunctions,
  ...textFunctions,
  ...urlFunctions,
])

/** The same with `env` and `expandenv`. */
export const allFunctions: TemplateFunctions = new Map([...safeFunctions, ...envFunctions])

/**
 * Functions of sprig that are left out: they ask the network, or make keys and certificates, which a file that is read again at each change
 * would make anew each time.
 */
export const omittedFunctions: ReadonlySet<string> = new Set([
  'buildCustomCert',
  'derivePassword',
  'genCA',
  'genCAWithKey',
  'genPrivateKey',
  'genSelfSignedCert',
  'genSelfSignedCertWithKey',
  'genSignedCert',
  'genSignedCertWithKey',
  'getHostByName',
])
