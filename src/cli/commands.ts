/** The commands of `tidegate`: one file each. Without a command the router runs. */
import { versionText } from './version.ts'

/** A command: arguments in, exit code out. */
type Command = (args: readonly string[]) => Promise<number>

// Loaded when they are asked for: a running router has no use for the others.
const byName: Readonly<Record<string, { readonly command: Command; readonly summary: string }>> = {
  'check': {
    command: async (args) => (await import('./check.ts')).check(args),
    summary: 'Validates install and routing configuration without starting: check [--json] [--tests=FILE] [flags] [routing file…]',
  },
  'explain': {
    command: async (args) => (await import('./explain.ts')).explain(args),
    summary: "Tells what would become of a request: explain [METHOD] URL [-H 'Name: value'] [--client ADDRESS] [-- flags]",
  },
  'print-config': {
    command: async (args) => (await import('./print-config.ts')).printConfig(args),
    summary: 'Prints the install configuration with defaults and where each value came from.',
  },
  'healthcheck': {
    command: async (args) => (await import('./healthcheck-command.ts')).healthcheckCommand(args),
    summary: 'Asks the ping endpoint of a running router; exit code 0 when it is well.',
  },
  'demo': {
    command: async (args) => (await import('./demo.ts')).demo(args),
    summary: 'Runs the router with example services on 127.0.0.1.',
  },
  'version': { command: async () => say(versionText()), summary: 'Prints the version.' },
  'help': { command: async () => say(usage()), summary: 'Prints this.' },
}

/** Runs the command that the arguments name. */
export async function commands(args: readonly string[]): Promise<number> {
  const name = args[0]
  if (name === undefined || name.startsWith('-')) {
    if (name === '--help' || name === '-h') return say(usage())
    return (await import('./run.ts')).run(args)
  }
  const known = Object.hasOwn(byName, name) ? byName[name] : undefined
  if (known !== undefined) return known.command(args.slice(1))
  process.stderr.write(`tidegate: there is no command "${name}"\n\n${usage()}\n`)
  return 1
}

function say(text: string): number {
  process.stdout.write(`${text}\n`)
  return 0
}

function usage(): string {
  const lines = Object.entries(byName).map(([name, { summary }]) => `  ${name.padEnd(14)}${summary}`)
  return [
    'tidegate [command] [flags]',
    '',
    'Without a command the router runs. Install configuration comes from a file (--configFile, or tidegate.* and traefik.* in the usual places),',
    'from flags such as --entryPoints.web.address=:80, or from TIDEGATE_* and TRAEFIK_* variables; docs/configuration.md says in which order.',
    '',
    ...lines,
  ].join('\n')
}
