/**
 * Writes what follows from the configuration schemas: JSON Schema files for editors (`schema/*.json`) and the reference pages
 * (`docs/reference/*.md`). With `--check` it writes nothing and fails when a file is not as it would be written.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import process from 'node:process'
import { installConfiguration } from '../src/config/install/install.ts'
import { routingConfiguration } from '../src/config/routing/routing.ts'
import { nodeOf } from '../src/config/schema/inspect.ts'
import { editorSchema } from './generate/editor-schema.ts'
import { referencePage } from './generate/reference-page.ts'

const root = resolve(import.meta.dirname, '..')
const install = nodeOf(installConfiguration)
const routing = nodeOf(routingConfiguration)

const files = new Map<string, string>([
  ['schema/install.json', editorSchema(install, 'Install configuration of Tidegate and Traefik v3')],
  ['schema/routing.json', editorSchema(routing, 'Routing configuration of Tidegate and Traefik v3')],
  [
    'docs/reference/install.md',
    referencePage(install, {
      title: 'Install configuration',
      lead: [
        'What Tidegate runs with: entry points, providers, logs, exporters. It stands in a file (`tidegate.yml` or `traefik.yml`, `.yaml`, `.toml`,',
        '`.json`), in flags or in environment variables. The option `entryPoints.web.address` is the flag `--entryPoints.web.address` and the variable',
        '`TIDEGATE_ENTRYPOINTS_WEB_ADDRESS` (or `TRAEFIK_ENTRYPOINTS_WEB_ADDRESS`). Letter case does not matter, save in names that are yours.',
      ],
    }),
  ],
  [
    'docs/reference/routing.md',
    referencePage(routing, {
      title: 'Routing configuration',
      lead: [
        'What providers publish: routers, services, middlewares, transports and TLS. In a label, `http.routers.web.rule` is',
        '`traefik.http.routers.web.rule`; in a key/value store it is `traefik/http/routers/web/rule`.',
      ],
    }),
  ],
])

const checking = process.argv.includes('--check')
const stale: string[] = []
for (const [name, content] of files) {
  const path = resolve(root, name)
  if (read(path) === content) continue
  stale.push(relative(root, path))
  if (checking) continue
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}
if (checking && stale.length > 0) {
  console.error(`not as generated, run npm run generate: ${stale.join(', ')}`)
  process.exitCode = 1
} else console.log(`${files.size} files, ${stale.length} ${checking ? 'stale' : 'written'}`)

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Not there yet: it is written.
    return undefined
  }
}
