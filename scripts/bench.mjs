// npm run bench [-- options]: installs and builds what is missing, then measures (bench/main.ts).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { buildServer, buildWebClient, checkNodeVersion, installPackages, root } from './prepare.mjs'

checkNodeVersion()
installPackages()
buildServer()
buildWebClient()
const args = ['--import', 'tsx', join('bench', 'main.ts'), ...process.argv.slice(2)]
const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' })
// Who ends this process ends the measuring as well; it stops the servers that it started.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
const [status] = await once(child, 'exit')
process.exitCode = status ?? 1
