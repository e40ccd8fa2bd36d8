/** Entry of the command line: argv in, exit code out. */

// Before anything is loaded: until somebody listens, SIGUSR1 (reopening the logs) opens Node's inspector. Node's `--disable-sigusr1` is no way
// out: it blocks the signal for good (tried on 26.10).
process.on('SIGUSR1', () => {})

// A reader that went away (`tidegate check | head`, a log pipe that broke) must not end the process.
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})

const { commands } = await import('./cli/commands.ts')

process.exitCode = await commands(process.argv.slice(2))
