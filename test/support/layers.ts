/** Who may import whom. `docs/architecture.md` shows the same table with its reasons. */
import { posix } from 'node:path'
import { lineAt, withoutComments } from './sources.ts'
import type { SourceFile } from './sources.ts'

const shared = ['std', 'config', 'rules', 'board', 'generation']
const transport = [...shared, 'proxy/transport', 'proxy/http', 'proxy/observe', 'proxy/passwords']
const wire = [...transport, 'proxy/http1', 'proxy/http2', 'proxy/tls']
const upstream = [...wire, 'proxy/upstream', 'proxy/identity']
const features = [...upstream, 'proxy/middlewares', 'proxy/balancers', 'proxy/stream']
const control = [...shared, 'version.ts', 'providers', 'runtime', 'health', 'observability', 'api', 'dashboard']

/** Each layer, with the layers it may import besides itself. A file that no layer holds fails the test. */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  'version.ts': [],
  'std': [],
  'config': ['std'],
  'rules': ['std', 'config'],
  'board': ['std', 'config'],
  'generation': ['std', 'config', 'rules', 'board'],

  'proxy/transport': shared,
  'proxy/http': [...shared, 'proxy/transport'],
  'proxy/observe': [...shared, 'proxy/transport', 'proxy/http'],
  'proxy/passwords': [...shared, 'proxy/transport', 'proxy/http'],
  'proxy/identity': [...shared, 'proxy/transport', 'proxy/http'],
  'proxy/http1': transport,
  'proxy/http2': [...transport, 'proxy/http1'],
  'proxy/tls': transport,
  'proxy/upstream': wire,
  'proxy/middlewares': [...upstream, 'proxy/stream'],
  'proxy/balancers': upstream,
  'proxy/stream': [...upstream, 'proxy/balancers'],
  'proxy/listen': features,
  'proxy/serve': [...features, 'proxy/listen'],
  'proxy/worker.ts': [...features, 'proxy/listen', 'proxy/serve'],

  'providers': ['std', 'config'],
  'health': shared,
  'observability': shared,
  'runtime': [...shared, 'health', 'observability'],
  'api': [...shared, 'health', 'observability', 'runtime'],
  'dashboard': [...shared, 'api'],
  'app.ts': control,
  'demo': ['std'],
  'cli': [...control, 'app.ts', 'demo'],
  'main.ts': [...control, 'app.ts', 'demo', 'cli'],
  'executable.ts': ['cli', 'dashboard', 'runtime'],
}

/** Layers whose folders are features: each can be deleted, so none imports another. */
const featureLayers = ['proxy/middlewares', 'proxy/balancers', 'providers']

/** The only file of the control plane that may name the worker: it starts it. */
const bridge = { from: 'runtime/workers.ts', to: 'proxy/worker.ts' }

function layerOf(path: string): string | undefined {
  return Object.keys(mayImport).find((layer) => path === layer || path.startsWith(`${layer}/`))
}

/** The feature a file belongs to: the folder right under the layer, or under a protocol's folder there; '' for files of the layer itself. */
function featureOf(layer: string, path: string): string {
  const folders = path
    .slice(layer.length + 1)
    .split('/')
    .slice(0, -1)
  const depth = ['http', 'tcp', 'udp'].includes(folders[0] ?? '') && layer === 'proxy/middlewares' ? 2 : 1
  // A file right in a protocol's folder is the list of its features.
  return folders.length < depth ? '' : folders.slice(0, depth).join('/')
}

const specifier = /\bfrom\s*'([^']+)'|\bimport\s*\(?\s*'([^']+)'|\bnew URL\(\s*'([^']+)'/g

function violation(from: string, to: string): string | undefined {
  const layer = layerOf(from)
  const target = layerOf(to)
  if (layer === undefined) return `${from} is in no layer of the table`
  if (target === undefined) return `imports ${to}, which is in no layer of the table`
  if (from === bridge.from && to === bridge.to) return undefined
  if (layer !== target) return mayImport[layer]?.includes(target) ? undefined : `${layer} may not import ${target} (${to})`
  if (!featureLayers.includes(layer)) return undefined
  const [feature, other] = [featureOf(layer, from), featureOf(layer, to)]
  return feature !== '' && other !== '' && feature !== other ? `feature ${feature} may not import feature ${other} (${to})` : undefined
}

/** Every import among the files that the table forbids, as `file:line: reason`. Paths start at `src/`. */
export function layerViolations(files: readonly SourceFile[]): string[] {
  const found: string[] = []
  for (const file of files) {
    const from = file.path.slice('src/'.length)
    const code = withoutComments(file.text)
    if (layerOf(from) === undefined) found.push(`${file.path}:1: is in no layer of the table`)
    for (const match of code.matchAll(specifier)) {
      const name = match[1] ?? match[2] ?? match[3] ?? ''
      if (!name.startsWith('.')) continue
      const to = posix.join(posix.dirname(from), name)
      const reason = violation(from, to.replace(/\.js$/, '.ts'))
      if (reason !== undefined) found.push(`${file.path}:${lineAt(code, match.index)}: ${reason}`)
    }
  }
  return found
}
