/** The files of the dashboard's page. They are served as they are: nothing builds them. */
import { readFileSync } from 'node:fs'

/** The files with their media types. Building copies exactly these. */
export const pageFiles: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'dashboard.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
  'main.js': 'text/javascript; charset=utf-8',
  'dom.js': 'text/javascript; charset=utf-8',
  'connection.js': 'text/javascript; charset=utf-8',
  'route.js': 'text/javascript; charset=utf-8',
  'format.js': 'text/javascript; charset=utf-8',
  'parts.js': 'text/javascript; charset=utf-8',
  'overview.js': 'text/javascript; charset=utf-8',
  'lists.js': 'text/javascript; charset=utf-8',
  'details.js': 'text/javascript; charset=utf-8',
}

/** Where the files come from: beside this one, or inside of the single executable, whose entry puts its own reader here. */
export const pageSource: { read: (name: string) => Uint8Array } = {
  read: (name) => readFileSync(new URL(`page/${name}`, import.meta.url)),
}
