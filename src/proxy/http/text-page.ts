/** Pages of our own in the types that clients may like best. */

/** A media type of pages. */
export type PageType = 'text/plain' | 'text/html' | 'application/json'

/** Who takes everything alike gets what reads best in a terminal. */
export const pageTypes: readonly PageType[] = ['text/plain', 'text/html', 'application/json']

/** Content-Type of a page. */
export const pageContentTypes: Readonly<Record<PageType, string>> = {
  'text/html': 'text/html; charset=utf-8',
  'application/json': 'application/json',
  'text/plain': 'text/plain; charset=utf-8',
}

/** A text as it stands in HTML, or in a value of an attribute in quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
