/**
 * Builds what is published:
 *
 *     node scripts/build.ts             dist/ and the executable
 *     node scripts/build.ts --package   dist/ only: the JavaScript of the npm package, since Node strips no types below node_modules
 *
 * The executable, build/tidegate, is Node itself with the program inside. It runs where nothing is installed.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { rolldown } from 'rolldown'
import { pageFiles } from '../src/dashboard/files.ts'

const root = resolve(import.meta.dirname, '..')
const buildFolder = join(root, 'build')
/** Files of the dashboard, which need no building. */
const pageFolder = join(root, 'src', 'dashboard', 'page')

function runNode(...parameters: readonly string[]): void {
  const { status } = spawnSync(process.execPath, parameters, { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error(`${parameters.join(' ')} ended with ${status}`)
}

function buildPackage(): void {
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  runNode(join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json')
  mkdirSync(join(root, 'dist', 'dashboard', 'page'), { recursive: true })
  for (const name of Object.keys(pageFiles)) copyFileSync(join(pageFolder, name), join(root, 'dist', 'dashboard', 'page', name))
  console.log('built dist/')
}

/** One CommonJS file with everything that the entry needs. */
async function bundle(entry: string, file: string): Promise<void> {
  const built = await rolldown({ input: join(root, entry), platform: 'node', cwd: root, logLevel: 'warn' })
  await built.write({ file, format: 'cjs', codeSplitting: false, minify: { compress: true, mangle: false } })
  await built.close()
}

async function buildExecutable(): Promise<void> {
  rmSync(buildFolder, { recursive: true, force: true })
  mkdirSync(buildFolder, { recursive: true })
  const [main, worker, passwords] = [join(buildFolder, 'main.cjs'), join(buildFolder, 'worker.cjs'), join(buildFolder, 'passwords.cjs')]
  await bundle('src/executable.ts', main)
  await bundle('src/proxy/worker.ts', worker)
  await bundle('src/proxy/passwords/thread.ts', passwords)
  const output = join(buildFolder, process.platform === 'win32' ? 'tidegate.exe' : 'tidegate')
  const config = {
    main,
    output,
    assets: {
      worker,
      passwords,
      ...Object.fromEntries(Object.keys(pageFiles).map((name) => [`dashboard/${name}`, join(pageFolder, name)])),
    },
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    execArgvExtension: 'none',
  }
  const configFile = join(buildFolder, 'executable.json')
  writeFileSync(configFile, JSON.stringify(config, null, 2))
  runNode('--build-sea', configFile)
  console.log(`built ${output} (${Math.round(statSync(output).size / 1024 / 1024)} MiB)`)
}

buildPackage()
if (!process.argv.includes('--package')) await buildExecutable()
