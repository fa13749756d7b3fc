// npm run admin -- COMMAND: installs and builds what is missing, then becomes the command line of the operator (admin/).
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildServer, checkNodeVersion, installPackages, root } from './prepare.mjs'

checkNodeVersion()
installPackages()
buildServer()
await import(pathToFileURL(join(root, 'dist', 'server', 'admin.js')).href)
