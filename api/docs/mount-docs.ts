import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Operation } from '../../domain/index.ts'
import { docsHelmet } from '../security-headers.ts'

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tidings API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
`
const start = `SwaggerUIBundle({ url: '/api/docs/json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null })\n`

/** The folder of Swagger UI's files. Its server part is never loaded: its files are all that is needed of it. */
const uiFolder = (): string => join(dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui')), 'static')

/**
 * The OpenAPI document at `/api/docs/json` and its reader at `/api/docs`. The document and what makes it are loaded
 * when it is first asked for: most processes never are, and should be small.
 */
export function mountDocs(app: FastifyInstance, operations: readonly Operation[]): void {
  let document: Promise<string> | undefined
  const makeDocument = async (): Promise<string> => {
    const { buildOpenApi } = await import('./build-openapi.ts')
    return JSON.stringify(await buildOpenApi(operations))
  }
  const readDocument = (): Promise<string> => {
    document ??= makeDocument()
    return document
  }

  app.get('/api/docs/json', async (_request, reply) => reply.type('application/json').send(await readDocument()))
  app.get('/api/docs', { helmet: docsHelmet }, async (_request, reply) => reply.type('text/html').send(page))
  app.get('/api/docs/start.js', { helmet: docsHelmet }, async (_request, reply) =>
    reply.type('text/javascript').send(start),
  )
  const folder = uiFolder()
  for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js']) {
    app.get(`/api/docs/${file}`, { helmet: docsHelmet }, (_request, reply) => reply.sendFile(file, folder))
  }
}
