/** Pieces that several views are made of. */
import { h, icon } from './dom.js'
import { nameParts, placeOf, rulePieces } from './format.js'
import { linkTo } from './route.js'

/** What a status means for whoever looks: its colour and its word. */
export const statusWords = {
  enabled: { tone: 'good', word: 'Enabled' },
  warning: { tone: 'warn', word: 'Warning' },
  disabled: { tone: 'bad', word: 'Disabled' },
  expired: { tone: 'bad', word: 'Expired' },
  UP: { tone: 'good', word: 'Up' },
  DOWN: { tone: 'bad', word: 'Down' },
}

/** A badge with a status. */
export function statusBadge(status) {
  const { tone, word } = Object.hasOwn(statusWords, status ?? '') ? statusWords[status] : { tone: 'calm', word: status || 'Unknown' }
  return h('span', { class: `badge ${tone}` }, h('span', { 'class': 'dot', 'aria-hidden': 'true' }), word)
}

/** A small label. */
export function chip(text, title) {
  return h('span', { class: 'chip', title }, text)
}

/** A name with its provider set back. */
export function nameText(name) {
  const { local, provider } = nameParts(name)
  return h('span', { class: 'name' }, local, provider === '' ? null : [h('wbr', {}), h('span', { class: 'provider' }, `@${provider}`)])
}

/** A link to an object. */
export function objectLink(kind, protocol, name) {
  return h('a', { 'href': linkTo(kind, protocol, name), 'data-key': `${protocol ?? ''}/${kind}/${name}`, 'title': name }, nameText(name))
}

/** A rule with its parts in colours. */
export function ruleText(rule) {
  if (rule === undefined || rule === '') return h('span', { class: 'faint' }, '–')
  return h(
    'code',
    { class: 'rule' },
    rulePieces(rule).map(({ piece, is }) => (is === 'rest' ? piece : h('span', { class: `rule-${is}` }, piece))),
  )
}

/** What is wrong with an object: each problem with its place and what would be right. */
export function problemList(object) {
  const details = object.errorDetails ?? []
  const errors = details.length > 0 ? details : (object.error ?? []).map((message) => ({ severity: 'error', message }))
  if (errors.length === 0) return null
  return h('ul', { class: 'problems' }, errors.map(problemItem))
}

function problemItem(problem) {
  const { severity, message, path, found, allowed, nearest } = problem
  const place = placeOf(problem)
  const hints = [
    found === undefined || found === '' ? null : ['found', found],
    allowed === undefined || allowed === '' ? null : ['allowed', allowed],
    nearest === undefined || nearest === '' ? null : ['did you mean', nearest],
  ].filter((hint) => hint !== null)
  return h(
    'li',
    { class: severity === 'error' ? 'bad' : 'warn' },
    h('p', { class: 'message' }, message),
    h(
      'p',
      { class: 'where' },
      place === '' ? null : h('code', { title: 'where it stands' }, place),
      path === undefined || path === '' ? null : h('code', { class: 'faint', title: 'the option' }, path),
      hints.map(([word, text]) => h('span', {}, `${word} `, h('code', {}, String(text)))),
    ),
  )
}

/** A section with a heading. */
export function section(title, ...content) {
  return h('section', { class: 'card' }, h('h2', {}, title), ...content)
}

/** Any configuration as indented text with names and values in colours. */
export function configText(value) {
  return h('pre', { class: 'config', tabindex: '0' }, h('code', {}, configLines(value, 0)))
}

function configLines(value, depth) {
  const indent = '  '.repeat(depth)
  if (Array.isArray(value)) {
    return value.flatMap((item) =>
      isBranch(item) ? [`${indent}- `, ...unindented(configLines(item, depth + 1), depth + 1)] : [`${indent}- `, scalar(item), '\n'],
    )
  }
  return Object.entries(value).flatMap(([key, member]) => [
    `${indent}`,
    h('span', { class: 'config-key' }, key),
    ': ',
    ...(isBranch(member) ? ['\n', ...configLines(member, depth + 1)] : [scalar(member), '\n']),
  ])
}

/** Lines whose first one goes on behind what already stands on it. */
function unindented(lines, depth) {
  const [first, ...rest] = lines
  return typeof first === 'string' ? [first.slice('  '.repeat(depth).length), ...rest] : lines
}

function isBranch(value) {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

function scalar(value) {
  if (typeof value === 'string') {
    const isPlain = /^[A-Za-z/][\w ./@:-]*$/.test(value) && !/^(?:true|false|null|yes|no|on|off)$|: |:$/i.test(value)
    return h('span', { class: 'config-text' }, isPlain ? value : JSON.stringify(value))
  }
  return h('span', { class: 'config-value' }, Array.isArray(value) ? '[]' : JSON.stringify(value))
}

/** What stands where there is nothing. */
export function emptyNote(text) {
  return h('p', { class: 'empty' }, text)
}

/** What stands where something went wrong. */
export function failureNote(cause) {
  const text = cause instanceof Error ? cause.message : String(cause)
  return h('div', { class: 'card failure', role: 'alert' }, icon('warning'), h('p', {}, text))
}
