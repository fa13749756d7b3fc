// npm run build: builds the server and the web client anew.
import { buildServer, buildWebClient, checkNodeVersion, installPackages } from './prepare.mjs'

checkNodeVersion()
installPackages()
buildServer({ force: true })
buildWebClient({ force: true })
