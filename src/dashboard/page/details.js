/** One object: what it is, what it leans on, what leans on it, what is wrong with it. */
import { ask } from './connection.js'
import { h, icon } from './dom.js'
import { childrenOf, counted, optionsKey, qualified, serversOf, typeName, untilEnd } from './format.js'
import { listTitle } from './lists.js'
import { chip, configText, emptyNote, objectLink, problemList, ruleText, section, statusBadge } from './parts.js'
import { linkTo, pathOf } from './route.js'

/** How many routers an entry point shows. */
const routersMax = 200

/** Asks for an object, and for what is shown beside it. */
export async function loadDetails(route, signal) {
  const { kind, protocol, name } = route
  const query = kind === 'certificates' || kind === 'entrypoints' ? {} : { errorDetails: 'true' }
  const { value: object } = await ask(pathOf(kind, protocol, name), query, signal)
  if (kind === 'routers')
    return { object, service: await neighbour({ kind: 'services', protocol, name: object.service, provider: object.provider }, signal) }
  if (kind === 'entrypoints') return { object, routers: await routersOn(name, signal) }
  return { object }
}

/** A service that is named by another object; null when there is none. */
async function neighbour({ kind, protocol, name, provider }, signal) {
  if (name === undefined || name === '') return null
  try {
    const { value } = await ask(pathOf(kind, protocol, qualified(name, provider)), {}, signal)
    return value
  } catch (cause) {
    if (cause instanceof Error && 'status' in cause && cause.status === 404) return null
    throw cause
  }
}

async function routersOn(entryPoint, signal) {
  const lists = await Promise.all(
    ['http', 'tcp', 'udp'].map(async (protocol) => {
      const { value } = await ask(pathOf('routers', protocol), { per_page: 10000 }, signal)
      return value.filter((router) => (router.using ?? []).includes(entryPoint)).map((router) => ({ protocol, router }))
    }),
  )
  return lists.flat()
}

/** Draws it. */
export function drawDetails(route, loaded) {
  const { kind } = route
  const { object } = loaded
  return [
    heading(route, object),
    object.errorDetails === undefined && object.error === undefined ? null : section('What is wrong', problemList(object)),
    kind === 'routers' ? routerParts(route, loaded) : null,
    kind === 'services' ? serviceParts(route, object) : null,
    kind === 'middlewares' ? middlewareParts(route, object) : null,
    kind === 'certificates' ? certificateParts(object) : null,
    kind === 'entrypoints' ? entryPointParts(loaded) : null,
    kind === 'certificates' ? null : section('Configuration', configText(configurationOf(object, kind))),
  ]
}

function heading({ kind, protocol }, object) {
  const title = kind === 'certificates' ? (object.commonName ?? object.sans?.[0] ?? object.name) : object.name
  return h(
    'header',
    { class: 'object-head' },
    h(
      'p',
      { class: 'crumbs' },
      h('a', { 'href': linkTo(kind, protocol), 'data-key': 'back' }, icon('left'), listTitle({ kind, protocol })),
    ),
    h('h1', {}, title),
    h(
      'p',
      { class: 'chips' },
      object.status === undefined ? null : statusBadge(object.status),
      object.type === undefined ? null : chip(kind === 'services' ? typeName(object.type) : object.type, 'type'),
      object.provider === undefined ? null : chip(object.provider, 'provider'),
      object.tls === undefined || kind !== 'routers' ? null : chip('TLS'),
    ),
  )
}

/** The configuration without what the page shows elsewhere. */
function configurationOf(object, kind) {
  const elsewhere = new Set([
    'status',
    'using',
    'usedBy',
    'name',
    'provider',
    'type',
    'error',
    'errorDetails',
    'serverStatus',
    'priorityStr',
  ])
  const entries = Object.entries(object).filter(([key]) => !elsewhere.has(key) || (kind === 'entrypoints' && key === 'name'))
  return Object.fromEntries(
    entries.map(([key, value]) => (key === 'priority' && object.priorityStr ? [key, exactNumber(object.priorityStr)] : [key, value])),
  )
}

function exactNumber(text) {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : text
}

function routerParts({ protocol }, { object, service }) {
  const { entryPoints = [], using = entryPoints, middlewares = [], provider } = object
  const steps = [
    step(
      'entry',
      'Entry points',
      using.map((name) => objectLink('entrypoints', undefined, name)),
    ),
    step('router', 'Router', [ruleText(object.rule ?? '')]),
    ...middlewares.map((name) => step('middleware', 'Middleware', [objectLink('middlewares', protocol, qualified(name, provider))])),
    serviceStep(protocol, object, service),
  ]
  return section(
    'The way of a request',
    h(
      'ol',
      { class: 'flow' },
      steps.map((each) => h('li', {}, each)),
    ),
  )
}

function serviceStep(protocol, { service: name, provider }, service) {
  if (name === undefined || name === '') return step('router', 'Routers', ['those that name this one as their parent'])
  const servers = service === null ? [] : serversOf(service)
  const states = servers.length === 0 ? null : h('span', { class: 'faint' }, counted(servers.length, 'server'))
  return step('service', 'Service', [
    service === null ? h('span', { class: 'bad' }, name) : objectLink('services', protocol, qualified(name, provider)),
    states,
  ])
}

function step(drawing, title, content) {
  return h(
    'div',
    { class: `step ${drawing}` },
    h('p', { class: 'step-title' }, icon(drawing), title),
    h('div', { class: 'step-content' }, content),
  )
}

function serviceParts({ protocol }, service) {
  const servers = serversOf(service)
  const children = childrenOf(service)
  return [
    servers.length === 0
      ? null
      : section(
          'Servers',
          h(
            'table',
            { class: 'list servers' },
            h(
              'thead',
              {},
              h(
                'tr',
                {},
                ['Status', 'Address', 'Weight'].map((title) => h('th', { scope: 'col' }, title)),
              ),
            ),
            h(
              'tbody',
              {},
              servers.map(({ address, weight, state }) =>
                h(
                  'tr',
                  { class: state === 'DOWN' ? 'disabled' : '' },
                  h('td', {}, state === '' ? h('span', { class: 'faint' }, 'not in use') : statusBadge(state)),
                  h('td', {}, h('code', {}, address)),
                  h('td', {}, weight === undefined ? h('span', { class: 'faint' }, '1') : String(weight)),
                ),
              ),
            ),
          ),
        ),
    children.length === 0
      ? null
      : section(
          'Made of',
          h(
            'ul',
            { class: 'plain-list' },
            children.map(({ name, note }) =>
              h('li', {}, objectLink('services', protocol, qualified(name, service.provider)), ' ', h('span', { class: 'faint' }, note)),
            ),
          ),
        ),
    usedBySection(protocol, service),
  ]
}

function middlewareParts({ protocol }, middleware) {
  const chained = middleware[optionsKey(middleware, 'chain') ?? '']?.middlewares ?? []
  return [
    chained.length === 0
      ? null
      : section(
          'Chain',
          h(
            'ol',
            { class: 'plain-list' },
            chained.map((name) => h('li', {}, objectLink('middlewares', protocol, qualified(name, middleware.provider)))),
          ),
        ),
    usedBySection(protocol, middleware),
  ]
}

function usedBySection(protocol, { usedBy = [] }) {
  return section(
    'Used by',
    usedBy.length === 0
      ? emptyNote('No router uses it directly.')
      : h(
          'ul',
          { class: 'plain-list' },
          usedBy.map((name) => h('li', {}, objectLink('routers', protocol, name))),
        ),
  )
}

function certificateParts(certificate) {
  const facts = [
    ['Valid from', certificate.notBefore],
    ['Valid until', `${certificate.notAfter} (${untilEnd(Date.parse(certificate.notAfter), Date.now())})`],
    ['Issuer', [certificate.issuerCN, certificate.issuerOrg, certificate.issuerCountry].filter((part) => part !== undefined).join(', ')],
    ['Organization', [certificate.organization, certificate.country].filter((part) => part !== undefined).join(', ')],
    ['Key', `${certificate.keyType}${certificate.keySize === undefined ? '' : `, ${certificate.keySize} bits`}`],
    ['Signature', certificate.signatureAlgorithm],
    ['Serial number', certificate.serialNumber],
    ['Version', certificate.version],
    ['SHA-256', certificate.certFingerprint],
    ['SHA-256 of the key', certificate.publicKeyFingerprint],
  ]
  return [
    section(
      'Names',
      h(
        'p',
        { class: 'chips' },
        (certificate.sans ?? []).map((san) => chip(san)),
      ),
    ),
    section(
      'Certificate',
      h(
        'dl',
        { class: 'facts' },
        facts
          .filter(([, value]) => value !== undefined && value !== '')
          .map(([title, value]) => [h('dt', {}, title), h('dd', {}, h('code', {}, value))]),
      ),
    ),
  ]
}

function entryPointParts({ routers }) {
  return section(
    'Routers',
    routers.length === 0
      ? emptyNote('No router is on it.')
      : h(
          'ul',
          { class: 'plain-list' },
          routers
            .slice(0, routersMax)
            .map(({ protocol, router }) =>
              h('li', {}, statusBadge(router.status), ' ', objectLink('routers', protocol, router.name), ' ', ruleText(router.rule ?? '')),
            ),
        ),
    routers.length > routersMax ? h('p', { class: 'faint' }, `and ${counted(routers.length - routersMax, 'router')} more`) : null,
  )
}
