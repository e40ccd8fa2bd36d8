/** The page: frame, routes, keys, themes, and following what changes. */
import { ask, follow } from './connection.js'
import { drawDetails, loadDetails } from './details.js'
import { fill, h, icon } from './dom.js'
import { drawList, drawTools, listTitle, loadList } from './lists.js'
import { drawOverview, loadOverview } from './overview.js'
import { emptyNote, failureNote } from './parts.js'
import { kindsOf, linkTo, parseRoute } from './route.js'

/** How long typing pauses before it is searched for, in milliseconds. */
const typingMs = 200

const themes = ['auto', 'light', 'dark']
const themeIcons = { auto: 'auto', light: 'sun', dark: 'moon' }

const state = { route: parseRoute(location.hash), pages: 1, version: null, overview: null, loading: null, typing: 0 }

const content = h('div', { class: 'content' })
const tools = h('div', {})
const main = h('main', { id: 'main', tabindex: '-1' }, tools, content)
const navigation = h('nav', { 'id': 'navigation', 'aria-label': 'Sections' })
const live = h('span', { class: 'live', role: 'status' })
const brand = h('a', { class: 'brand', href: '#/' })
const themeButton = h('button', { type: 'button', class: 'round', on: { click: nextTheme } })
const menuButton = h(
  'button',
  {
    'type': 'button',
    'class': 'round menu',
    'aria-label': 'Menu',
    'aria-expanded': 'false',
    'aria-controls': 'navigation',
    'on': { click: toggleMenu },
  },
  icon('menu'),
)
const help = drawHelp()

document.body.append(
  h('a', { class: 'skip', href: '#main', on: { click: skip } }, 'To the content'),
  h('header', { class: 'top' }, menuButton, brand, live, themeButton),
  navigation,
  main,
  help,
)

function skip(event) {
  event.preventDefault()
  main.focus()
}

function drawBrand() {
  const { Version = '', dashboardName = '' } = state.version ?? {}
  const title = dashboardName === '' ? 'Tidegate' : dashboardName
  document.title = title
  fill(
    brand,
    h('img', { src: 'icon.svg', alt: '', width: '28', height: '28' }),
    h('span', { class: 'brand-name' }, title),
    h('span', { class: 'faint' }, Version),
  )
}

function drawNavigation() {
  const item = (title, drawing, href, counts) => {
    const isCurrent =
      location.hash.split('?')[0] === href || (href === '#/' && state.route.view === 'overview') || location.hash.startsWith(`${href}/`)
    const trouble = counts?.errors > 0 ? 'bad' : counts?.warnings > 0 ? 'warn' : ''
    return h(
      'a',
      { href, 'data-key': href, 'aria-current': isCurrent && (href !== '#/' || state.route.view === 'overview') ? 'page' : null },
      icon(drawing),
      h('span', { class: 'nav-title' }, title),
      counts === undefined
        ? null
        : h(
            'span',
            { class: `nav-count ${trouble}`, title: trouble === '' ? null : `${counts.errors} errors, ${counts.warnings} warnings` },
            counts.total.toLocaleString('en'),
          ),
    )
  }
  const drawings = { routers: 'router', services: 'service', middlewares: 'middleware' }
  fill(
    navigation,
    item('Overview', 'overview', '#/'),
    item('Entry points', 'entry', linkTo('entrypoints')),
    Object.entries(kindsOf).map(([protocol, kinds]) => [
      h('h2', {}, protocol.toUpperCase()),
      kinds.map((kind) =>
        item(kind[0].toUpperCase() + kind.slice(1), drawings[kind], linkTo(kind, protocol), state.overview?.[protocol]?.[kind]),
      ),
    ]),
    h('h2', {}, 'TLS'),
    item('Certificates', 'certificate', linkTo('certificates'), state.overview?.certificates),
    h(
      'button',
      { 'type': 'button', 'class': 'help-button', 'data-key': 'help', 'on': { click: () => help.showModal() } },
      'Keys ',
      h('kbd', {}, '?'),
    ),
  )
}

/** Loads what the route shows and draws it; a later call ends an earlier one. */
async function show() {
  state.loading?.abort()
  const loading = new AbortController()
  state.loading = loading
  const { route } = state
  const { signal } = loading
  content.setAttribute('aria-busy', 'true')
  try {
    const [drawn, counts] = await Promise.all([draw(route, signal), route.view === 'overview' ? null : ask('overview', {}, signal)])
    if (signal.aborted) return
    if (counts !== null) state.overview = counts.value
    fill(content, drawn)
    drawNavigation()
  } catch (cause) {
    if (signal.aborted) return
    fill(content, cause instanceof Error && 'status' in cause && cause.status === 404 ? emptyNote(cause.message) : failureNote(cause))
  }
  content.removeAttribute('aria-busy')
}

async function draw(route, signal) {
  if (route.view === 'overview') {
    const [loaded, version] = await Promise.all([loadOverview(signal), ask('version', {}, signal)])
    state.overview = loaded.overview
    state.version = version.value
    drawBrand()
    return drawOverview(loaded, { version: state.version, nowMs: Date.now() })
  }
  if (route.view === 'list') return drawList(route, await loadList(route, state.pages, signal), { go, more })
  if (route.view === 'details') return drawDetails(route, await loadDetails(route, signal))
  return emptyNote('There is no such page.')
}

/** Narrows or orders the list. While somebody types the address changes in place. */
function go(changes, how = '') {
  const { route } = state
  const href = linkTo(route.kind, route.protocol, undefined, { ...route.query, ...changes })
  state.route = { ...route, query: { ...route.query, ...changes } }
  state.pages = 1
  if (how !== 'typing') {
    location.hash = href
    return
  }
  history.replaceState(null, '', href)
  clearTimeout(state.typing)
  state.typing = setTimeout(() => void show(), typingMs)
}

function more(pages) {
  state.pages = pages
  void show()
}

function onRoute() {
  const before = state.route
  state.route = parseRoute(location.hash)
  const { route } = state
  const isSameList =
    route.view === 'list' &&
    before.view === 'list' &&
    before.kind === route.kind &&
    before.protocol === route.protocol &&
    tools.hasChildNodes()
  if (!isSameList) {
    state.pages = 1
    fill(tools, route.view === 'list' ? [h('h1', {}, listTitle(route)), drawTools(route, go)] : null)
    fill(content, h('p', { class: 'loading' }, 'Loading …'))
    window.scrollTo(0, 0)
  }
  for (const button of tools.querySelectorAll('[data-status]'))
    button.setAttribute('aria-pressed', String(button.dataset.status === (route.query.status ?? '')))
  closeMenu()
  drawNavigation()
  void show()
}

function toggleMenu() {
  const isOpen = document.body.classList.toggle('menu-open')
  menuButton.setAttribute('aria-expanded', String(isOpen))
  if (isOpen) navigation.querySelector('a')?.focus()
}

function closeMenu() {
  document.body.classList.remove('menu-open')
  menuButton.setAttribute('aria-expanded', 'false')
}

function nextTheme() {
  setTheme(themes[(themes.indexOf(storedTheme()) + 1) % themes.length])
}

function storedTheme() {
  try {
    const theme = localStorage.getItem('theme') ?? ''
    return themes.includes(theme) ? theme : 'auto'
  } catch {
    // Storage may be forbidden; then the system's theme holds.
    return 'auto'
  }
}

function setTheme(theme) {
  try {
    localStorage.setItem('theme', theme)
  } catch {
    // It holds until the page goes.
  }
  if (theme === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  themeButton.setAttribute('aria-label', `Theme: ${theme}`)
  themeButton.title = `Theme: ${theme}`
  fill(themeButton, icon(themeIcons[theme]))
}

function drawHelp() {
  const keys = [
    ['/', 'search'],
    ['j, k', 'next and previous row'],
    ['Enter', 'open'],
    ['u', 'up to the list'],
    ['o', 'overview'],
    ['t', 'theme'],
    ['?', 'these keys'],
  ]
  const close = h('button', { type: 'button', class: 'more', on: { click: () => help.close() } }, 'Close')
  return h(
    'dialog',
    { 'aria-label': 'Keys' },
    h('h2', {}, 'Keys'),
    h(
      'dl',
      { class: 'facts' },
      keys.map(([key, what]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, what)]),
    ),
    close,
  )
}

/** Moves the focus among the rows' links. */
function step(by) {
  const links = [...content.querySelectorAll('tbody .name-cell a, .plain-list a, .broken-head a')]
  if (links.length === 0) return
  const at = links.indexOf(document.activeElement)
  links[Math.min(links.length - 1, Math.max(0, at < 0 ? 0 : at + by))]?.focus()
}

const keyActions = {
  '/': () => document.getElementById('search')?.focus(),
  'j': () => step(1),
  'k': () => step(-1),
  'u': () => {
    const { route } = state
    location.hash = route.view === 'details' ? linkTo(route.kind, route.protocol) : '#/'
  },
  'o': () => {
    location.hash = '#/'
  },
  't': nextTheme,
  '?': () => help.showModal(),
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return
  if (event.key === 'Escape') {
    closeMenu()
    if (document.activeElement?.id === 'search') document.activeElement.blur()
    return
  }
  if (event.target instanceof HTMLInputElement || !Object.hasOwn(keyActions, event.key)) return
  event.preventDefault()
  keyActions[event.key]()
}

function onConnection(word, why = '') {
  live.className = `live ${word}`
  live.title = word === 'live' ? 'Changes are shown at once' : why
  fill(live, h('span', { 'class': 'dot', 'aria-hidden': 'true' }), word === 'live' ? 'Live' : 'No connection')
}

/** A row is opened by a click anywhere, unless a text is being marked. */
function onClick(event) {
  const target = event.target instanceof Element ? event.target : null
  if (target === null || target.closest('a, button, input') !== null || String(getSelection()) !== '') return
  target.closest('tbody tr')?.querySelector('.name-cell a')?.click()
}

setTheme(storedTheme())
drawBrand()
addEventListener('hashchange', onRoute)
document.addEventListener('keydown', onKey)
content.addEventListener('click', onClick)
onRoute()
void ask('version').then(
  ({ value }) => {
    state.version = value
    drawBrand()
  },
  () => {
    // What is wrong stands in the content.
  },
)
void follow(() => void show(), onConnection)
