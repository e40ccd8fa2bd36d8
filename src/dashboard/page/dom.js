/** Making of elements. Texts only ever become text nodes: names and rules come from whoever writes labels. */

/** Attributes that are not set by name. */
const properties = new Set(['value', 'checked', 'disabled', 'hidden'])

/** Makes an element; children are elements, texts, lists of them, or null. Listeners stand under `on` and their event. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue
    if (name === 'on') for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener)
    else if (properties.has(name)) element[name] = value
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  append(element, children)
  return element
}

function append(parent, children) {
  for (const child of children) {
    if (Array.isArray(child)) append(parent, child)
    else if (child !== null && child !== undefined && child !== false) parent.append(child)
  }
}

/** Puts other content into an element, and the focus back to where it was, as far as that is still there. */
export function fill(element, ...children) {
  const focused = element.contains(document.activeElement) ? document.activeElement.getAttribute('data-key') : null
  const fresh = document.createDocumentFragment()
  append(fresh, children)
  element.replaceChildren(fresh)
  if (focused === null) return
  for (const candidate of element.querySelectorAll('[data-key]')) {
    if (candidate.getAttribute('data-key') !== focused) continue
    candidate.focus({ preventScroll: true })
    return
  }
}

const shapes = {
  sun: 'M12 4V2m0 20v-2m8-8h2M2 12h2m13.700-5.700 1.400-1.400M4.900 19.100l1.400-1.400m0-11.400L4.900 4.900m14.200 14.200-1.400-1.400M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0',
  moon: 'M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500',
  auto: 'M12 3a9 9 0 1 0 0 18V3m0 0a9 9 0 0 1 0 18',
  search: 'm20 20-4.300-4.300M18 11a7 7 0 1 1-14 0 7 7 0 0 1 14 0',
  menu: 'M4 7h16M4 12h16M4 17h16',
  lock: 'M7 11V8a5 5 0 0 1 10 0v3M5 11h14v9H5z',
  right: 'm9 6 6 6-6 6',
  left: 'm15 6-6 6 6 6',
  entry: 'M14 4h5v16h-5M4 12h10m-4-4 4 4-4 4',
  router: 'M4 12h5l4-6h7M9 12l4 6h7m-3-15 3 3-3 3m0 6 3 3-3 3',
  middleware: 'm12 3 8 4.500-8 4.500-8-4.500zM4 12l8 4.500 8-4.500M4 16.500 12 21l8-4.500',
  service: 'M4 4h16v6H4zm0 10h16v6H4zM8 7h.010M8 17h.010',
  certificate: 'M12 3 5 6v5c0 4.500 3 8 7 10 4-2 7-5.500 7-10V6zm-3 9 2.200 2.200L15.500 10',
  overview: 'M4 4h7v7H4zm9 0h7v4h-7zm0 7h7v9h-7zm-9 3h7v6H4z',
  warning: 'M12 9v4m0 4h.010M10.300 4 2.500 18a2 2 0 0 0 1.700 3h15.600a2 2 0 0 0 1.700-3L13.700 4a2 2 0 0 0-3.400 0',
  check: 'm5 12.500 4.500 4.500L19 7.500',
}

/** A small drawing in the colour of the text around it. */
export function icon(name) {
  const space = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(space, 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS(space, 'path')
  path.setAttribute('d', shapes[name] ?? '')
  svg.append(path)
  return svg
}
