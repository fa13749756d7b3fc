import { onEachServer } from '../test/on-each-server.ts'
import { describeArchive } from './archive.contract.ts'

onEachServer(describeArchive)
