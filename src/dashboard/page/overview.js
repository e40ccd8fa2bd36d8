/** The first view: how everything is, and what is wrong. */
import { ask } from './connection.js'
import { h, icon } from './dom.js'
import { counted, stretch } from './format.js'
import { chip, emptyNote, objectLink, problemList, section, statusBadge } from './parts.js'
import { kindsOf, linkTo, pathOf } from './route.js'

/** How many broken objects of a kind are shown. */
const brokenMax = 20

/** Asks for all that the overview shows. */
export async function loadOverview(signal) {
  const [overview, entryPoints] = await Promise.all([ask('overview', {}, signal), ask('entrypoints', { per_page: 200 }, signal)])
  const broken = []
  const wanted = Object.entries(kindsOf).flatMap(([protocol, kinds]) => kinds.map((kind) => ({ protocol, kind })))
  await Promise.all(
    wanted.flatMap(({ protocol, kind }) => {
      const counts = overview.value[protocol]?.[kind]
      const statuses = [counts?.errors > 0 ? 'disabled' : '', counts?.warnings > 0 ? 'warning' : ''].filter((status) => status !== '')
      return statuses.map(async (status) => {
        const { value } = await ask(pathOf(kind, protocol), { status, per_page: brokenMax, errorDetails: 'true' }, signal)
        broken.push(...value.map((object) => ({ protocol, kind, object })))
      })
    }),
  )
  broken.sort((a, b) => rank(a) - rank(b) || (a.object.name < b.object.name ? -1 : 1))
  return { overview: overview.value, entryPoints: entryPoints.value, broken }
}

function rank({ object, kind }) {
  return (object.status === 'disabled' ? 0 : 10) + ['routers', 'services', 'middlewares'].indexOf(kind)
}

/** Draws it. `version` is what the API says about itself. */
export function drawOverview({ overview, entryPoints, broken }, { version, nowMs }) {
  return [
    heading(overview, version, nowMs),
    problems(broken),
    section('Entry points', entryPointCards(entryPoints)),
    h(
      'div',
      { class: 'columns' },
      Object.keys(kindsOf).map((protocol) => protocolCard(protocol, overview[protocol] ?? {})),
    ),
    h('div', { class: 'columns' }, certificateCard(overview.certificates), featureCard(overview)),
    unbuiltCard(overview.unbuilt ?? []),
  ]
}

function heading(overview, version, nowMs) {
  let [errors, warnings] = [0, 0]
  const counts = [...Object.keys(kindsOf).flatMap((protocol) => Object.values(overview[protocol] ?? {})), overview.certificates ?? {}]
  for (const count of counts) {
    errors += count.errors ?? 0
    warnings += count.warnings ?? 0
  }
  const isWell = errors === 0 && warnings === 0
  const tone = errors > 0 ? 'bad' : warnings > 0 ? 'warn' : 'good'
  const word = isWell
    ? 'Everything is in order'
    : [errors > 0 ? counted(errors, 'error') : '', warnings > 0 ? counted(warnings, 'warning') : '']
        .filter((part) => part !== '')
        .join(', ')
  return h(
    'div',
    { class: `verdict ${tone}` },
    icon(isWell ? 'check' : 'warning'),
    h('h1', {}, word),
    version === null ? null : h('p', { class: 'faint' }, `Up for ${stretch(nowMs - Date.parse(version.startDate))}`),
  )
}

function problems(broken) {
  if (broken.length === 0) return null
  const singular = { routers: 'router', services: 'service', middlewares: 'middleware' }
  return section(
    'What is wrong',
    h(
      'ul',
      { class: 'broken' },
      broken.map(({ protocol, kind, object }) =>
        h(
          'li',
          {},
          h(
            'p',
            { class: 'broken-head' },
            statusBadge(object.status),
            objectLink(kind, protocol, object.name),
            h('span', { class: 'faint' }, `${protocol.toUpperCase()} ${singular[kind]}`),
          ),
          problemList(object),
        ),
      ),
    ),
  )
}

function entryPointCards(entryPoints) {
  if (entryPoints.length === 0) return emptyNote('There are none.')
  return h(
    'ul',
    { class: 'tiles' },
    entryPoints.map((entryPoint) =>
      h(
        'li',
        {},
        h(
          'a',
          { 'class': 'tile', 'href': linkTo('entrypoints', undefined, entryPoint.name), 'data-key': `entrypoint/${entryPoint.name}` },
          h('span', { class: 'tile-name' }, entryPoint.name),
          h('code', { class: 'tile-address' }, entryPoint.address),
        ),
      ),
    ),
  )
}

function protocolCard(protocol, counts) {
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, protocol.toUpperCase()),
    kindsOf[protocol].map((kind) => countRow(kind, linkTo(kind, protocol), counts[kind] ?? { total: 0, warnings: 0, errors: 0 }, protocol)),
  )
}

function countRow(title, href, { total, warnings, errors }, key = '') {
  const part = (count, tone) => (count > 0 ? h('i', { class: `bar-part ${tone} w${Math.max(1, Math.round((count / total) * 20))}` }) : null)
  return h(
    'a',
    { 'class': 'count-row', href, 'data-key': `count/${key}/${title}` },
    h('span', { class: 'count-title' }, title),
    h('span', { class: 'count-total' }, total.toLocaleString('en')),
    h(
      'span',
      { 'class': total === 0 ? 'bar none' : 'bar', 'aria-hidden': 'true' },
      part(total - warnings - errors, 'good'),
      part(warnings, 'warn'),
      part(errors, 'bad'),
    ),
    h(
      'span',
      { class: 'count-notes' },
      errors > 0 ? h('span', { class: 'bad' }, counted(errors, 'error')) : null,
      warnings > 0 ? h('span', { class: 'warn' }, counted(warnings, 'warning')) : null,
      errors + warnings === 0 && total > 0 ? h('span', { class: 'good' }, 'all enabled') : null,
      total === 0 ? h('span', { class: 'faint' }, 'none') : null,
    ),
  )
}

function certificateCard(counts) {
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, 'TLS'),
    countRow('certificates', linkTo('certificates'), counts ?? { total: 0, warnings: 0, errors: 0 }),
  )
}

function featureCard({ features, providers }) {
  const shown = [
    ['Access log', features?.accessLog === true ? 'on' : ''],
    ['Metrics', features?.metrics ?? ''],
    ['Tracing', features?.tracing ?? ''],
  ]
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, 'Providers and features'),
    h(
      'p',
      { class: 'chips' },
      (providers ?? []).map((provider) => chip(provider, 'provider')),
    ),
    h(
      'dl',
      { class: 'facts' },
      shown.map(([title, value]) => [h('dt', {}, title), h('dd', { class: value === '' ? 'faint' : '' }, value === '' ? 'off' : value)]),
    ),
  )
}

function unbuiltCard(unbuilt) {
  if (unbuilt.length === 0) return null
  return section(
    'Configured without effect',
    h(
      'ul',
      { class: 'plain-list' },
      unbuilt.map((text) => h('li', {}, h('code', {}, text))),
    ),
  )
}
