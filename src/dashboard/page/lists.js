/** Lists: of routers, services, middlewares, certificates and entry points. Narrowed, ordered and cut into pages by the API. */
import { ask } from './connection.js'
import { h, icon } from './dom.js'
import { counted, serversOf, typeName, untilEnd } from './format.js'
import { chip, emptyNote, nameText, objectLink, ruleText, statusBadge } from './parts.js'
import { linkTo, pathOf } from './route.js'

/** How many objects a page of a list has. */
const pageSize = 100

/** Asks for as many pages as are shown; `next` says whether there is more. */
export async function loadList(route, pages, signal) {
  const { search, status, sortBy, direction } = route.query
  const query = { search, status, sortBy, direction, per_page: pageSize * pages }
  const { value, next } = await ask(pathOf(route.kind, route.protocol), query, signal)
  return { items: value, hasMore: next !== null, pages }
}

/** Columns of a list: title, the API's key for ordering by it, what a row shows, and whether narrow screens do without. */
function columnsOf({ kind, protocol }) {
  const status = { title: 'Status', sortBy: 'status', show: (item) => statusBadge(item.status) }
  const provider = { title: 'Provider', sortBy: 'provider', wide: true, show: (item) => h('span', { class: 'faint' }, item.provider) }
  const name = (title = 'Name') => ({ title, sortBy: 'name', isName: true, show: (item) => objectLink(kind, protocol, item.name) })
  switch (kind) {
    case 'routers':
      return [status, name(), ...routerColumns(protocol), provider]
    case 'services':
      return [
        status,
        name(),
        { title: 'Type', sortBy: 'type', show: (item) => typeName(item.type) },
        { title: 'Servers', sortBy: protocol === 'http' ? 'servers' : undefined, show: serverSummary },
        { title: 'Used by', wide: true, show: (item) => users(item) },
        provider,
      ]
    case 'middlewares':
      return [
        status,
        name(),
        { title: 'Type', sortBy: 'type', show: (item) => item.type ?? '' },
        { title: 'Used by', show: (item) => users(item) },
        provider,
      ]
    case 'certificates':
      return certificateColumns(status)
    default:
      return [name(), { title: 'Address', show: (item) => h('code', {}, item.address) }, { title: 'Notes', show: entryPointNotes }]
  }
}

function routerColumns(protocol) {
  const rule = { title: 'Rule', sortBy: 'rule', isRule: true, show: (item) => ruleText(item.rule) }
  const entryPoints = {
    title: 'Entry points',
    sortBy: protocol === 'http' ? 'entryPoints' : undefined,
    show: (item) =>
      h(
        'span',
        { class: 'chips' },
        (item.using ?? item.entryPoints ?? []).map((entry) => chip(entry)),
      ),
  }
  const tls = {
    title: 'TLS',
    show: (item) =>
      item.tls === undefined ? '' : h('span', { 'class': 'tls', 'title': 'TLS', 'role': 'img', 'aria-label': 'TLS' }, icon('lock')),
  }
  const service = {
    title: 'Service',
    sortBy: 'service',
    wide: true,
    show: (item) => (item.service === undefined ? '' : nameText(item.service)),
  }
  const priority = { title: 'Priority', sortBy: 'priority', wide: true, isNumber: true, show: (item) => priorityText(item) }
  return protocol === 'udp' ? [entryPoints, service] : [rule, entryPoints, tls, service, priority]
}

/** Priorities of our own routers end just below the largest integer of 64 bits; their digits tell nobody anything. */
function priorityText({ priorityStr = '' }) {
  if (!priorityStr.startsWith('92233720368547758') || priorityStr.length !== 19) return priorityStr
  const below = 9223372036854775807n - BigInt(priorityStr)
  return h('span', { title: priorityStr }, below === 0n ? 'max' : `max − ${below}`)
}

function users({ usedBy = [] }) {
  return usedBy.length === 0
    ? h('span', { class: 'faint' }, 'nothing')
    : h('span', { title: usedBy.slice(0, 20).join('\n') }, counted(usedBy.length, 'router'))
}

function serverSummary(item) {
  const servers = serversOf(item)
  if (servers.length === 0) return ''
  const down = servers.filter(({ state }) => state === 'DOWN').length
  if (down === 0) return h('span', {}, servers.length.toLocaleString('en'))
  return h('span', { class: down === servers.length ? 'bad' : 'warn' }, `${servers.length - down} of ${servers.length} up`)
}

function certificateColumns(status) {
  return [
    status,
    {
      title: 'Name',
      sortBy: 'cn',
      isName: true,
      show: (item) =>
        h(
          'a',
          { 'href': linkTo('certificates', undefined, item.name), 'data-key': `certificates/${item.name}` },
          item.commonName ?? item.sans?.[0] ?? item.name.slice(0, 16),
        ),
    },
    {
      title: 'Names',
      show: (item) =>
        h(
          'span',
          { class: 'chips' },
          shortened(item.sans ?? [], 4).map((san) => chip(san)),
        ),
    },
    { title: 'Issuer', sortBy: 'issuer', wide: true, show: (item) => item.issuerOrg ?? item.issuerCN ?? '' },
    { title: 'Valid until', sortBy: 'validUntil', show: (item) => validity(item) },
  ]
}

function shortened(names, most) {
  return names.length <= most ? names : [...names.slice(0, most), `and ${names.length - most} more`]
}

function validity({ notAfter, status }) {
  const tone = status === 'expired' ? 'bad' : status === 'warning' ? 'warn' : 'faint'
  return [notAfter.slice(0, 10), ' ', h('span', { class: tone }, untilEnd(Date.parse(notAfter), Date.now()))]
}

function entryPointNotes(item) {
  const redirection = item.http?.redirections?.entryPoint?.to
  const notes = [
    item.asDefault === true ? 'default' : '',
    item.http?.tls === undefined ? '' : 'TLS',
    item.http3 === undefined ? '' : 'HTTP/3',
    item.proxyProtocol === undefined ? '' : 'PROXY protocol',
    redirection === undefined ? '' : `redirects to ${redirection}`,
    (item.http?.middlewares ?? []).length > 0 ? counted(item.http.middlewares.length, 'middleware') : '',
  ]
  return h(
    'span',
    { class: 'chips' },
    notes.filter((note) => note !== '').map((note) => chip(note)),
  )
}

/** Title of a list. */
export function listTitle({ kind, protocol }) {
  if (kind === 'certificates') return 'Certificates'
  if (kind === 'entrypoints') return 'Entry points'
  return `${protocol.toUpperCase()} ${kind}`
}

/** What stands above a list: search and status. It stays while the rows are drawn anew. */
export function drawTools(route, go) {
  if (route.kind === 'entrypoints') return h('div', { class: 'tools' })
  const statuses = route.kind === 'certificates' ? ['enabled', 'warning', 'expired'] : ['enabled', 'warning', 'disabled']
  const current = route.query.status ?? ''
  const input = h('input', {
    'type': 'search',
    'id': 'search',
    'value': route.query.search ?? '',
    'placeholder': route.kind === 'routers' ? 'Name or rule' : 'Name',
    'aria-label': 'Search',
    'autocomplete': 'off',
    'spellcheck': 'false',
    'on': { input: () => go({ search: input.value }, 'typing') },
  })
  const select = (status, word) =>
    h(
      'button',
      {
        'type': 'button',
        'class': 'choice',
        'aria-pressed': String(current === status),
        'data-status': status,
        'on': { click: () => go({ status }) },
      },
      word,
    )
  return h(
    'div',
    { class: 'tools' },
    h('label', { class: 'search' }, icon('search'), input, h('kbd', { 'aria-hidden': 'true' }, '/')),
    h(
      'div',
      { 'class': 'choices', 'role': 'group', 'aria-label': 'Status' },
      select('', 'All'),
      statuses.map((status) => select(status, capital(status))),
    ),
  )
}

function capital(word) {
  return word[0].toUpperCase() + word.slice(1)
}

/** Draws the rows. */
export function drawList(route, { items, hasMore, pages }, { go, more }) {
  if (items.length === 0) {
    const isNarrowed = (route.query.search ?? '') !== '' || (route.query.status ?? '') !== ''
    return emptyNote(isNarrowed ? 'Nothing fits.' : 'There are none.')
  }
  const columns = columnsOf(route)
  return [
    h(
      'div',
      { class: 'table-frame' },
      h(
        'table',
        { class: `list ${route.kind}` },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            columns.map((column) => headCell(column, route, go)),
          ),
        ),
        h(
          'tbody',
          {},
          items.map((item) => row(item, columns)),
        ),
      ),
    ),
    h(
      'p',
      { class: 'list-end' },
      counted(items.length, 'shown', 'shown'),
      hasMore
        ? h('button', { 'type': 'button', 'class': 'more', 'data-key': 'more', 'on': { click: () => more(pages + 1) } }, 'Show more')
        : null,
    ),
  ]
}

function headCell(column, route, go) {
  const { title, sortBy } = column
  const classes = cellClass(column)
  if (sortBy === undefined || route.kind === 'entrypoints') return h('th', { scope: 'col', class: classes }, title)
  const isCurrent = (route.query.sortBy ?? (route.kind === 'certificates' ? 'cn' : 'name')) === sortBy
  const isDescending = isCurrent && route.query.direction === 'desc'
  const sorting = isCurrent ? (isDescending ? 'descending' : 'ascending') : null
  const click = () => go({ sortBy, direction: isCurrent && !isDescending ? 'desc' : '' })
  return h(
    'th',
    { 'scope': 'col', 'class': classes, 'aria-sort': sorting },
    h(
      'button',
      { 'type': 'button', 'class': 'sort', 'data-key': `sort/${sortBy}`, 'on': { click } },
      title,
      h('span', { 'class': 'sort-mark', 'aria-hidden': 'true' }, isCurrent ? (isDescending ? '↓' : '↑') : ''),
    ),
  )
}

function cellClass({ wide, isNumber, isRule, isName }) {
  return [wide ? 'wide' : '', isNumber ? 'number' : '', isRule ? 'rule-cell' : '', isName ? 'name-cell' : '']
    .filter((name) => name !== '')
    .join(' ')
}

function row(item, columns) {
  return h(
    'tr',
    { class: item.status ?? '' },
    columns.map((column) => h('td', { 'class': cellClass(column), 'data-title': column.title }, column.show(item))),
  )
}
