// npm start: installs and builds what is missing, then becomes the server (same process: signals and exit code are its own).
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildServer, buildWebClient, checkNodeVersion, installPackages, root } from './prepare.mjs'

checkNodeVersion()
installPackages()
buildServer()
buildWebClient()
process.setSourceMapsEnabled(true)
await import(pathToFileURL(join(root, 'dist', 'server', 'main.js')).href)
