import swagger from '@fastify/swagger'
import fastify, { type FastifySchema } from 'fastify'
import type { Operation } from '../../domain/index.ts'
import { errorCatalogue } from '../../protocol/errors.ts'
import { inputSchema, type ObjectSchema } from './input-schema.ts'

const errorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string', enum: Object.keys(errorCatalogue) },
        message: { type: 'string' },
        details: {},
        retryAfterMs: { type: 'integer' },
      },
    },
  },
}

/**
 * The OpenAPI 3.1 document of the table. It is made in an application of its own that never answers a request: the
 * schemas describe, they do not validate, and take no memory in the one that serves.
 */
export async function buildOpenApi(operations: readonly Operation[]): Promise<object> {
  const app = fastify({ logger: false, exposeHeadRoutes: false })
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => JSON.stringify)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Tidings', description: 'Chat over MQTT: the HTTP door.', version: '1' },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    },
  })
  for (const operation of operations) {
    const { method, path } = operation.http
    app.route({ method, url: path, schema: routeSchema(operation), handler: (_request, reply) => reply.send() })
  }
  await app.ready()
  const document = app.swagger()
  await app.close()
  return document
}

function routeSchema(operation: Operation): FastifySchema {
  const { name, summary, access, http } = operation
  const status = http.status ?? 200
  return {
    operationId: name,
    summary,
    tags: [http.path.split('/')[2] ?? 'api'],
    security: access === 'nobody' ? [] : [{ bearer: [] }],
    ...inputParts(operation),
    response: {
      [status]: status === 204 ? { type: 'null', description: 'Done' } : { description: 'Done' },
      default: { description: 'No, with a code of the catalogue', ...errorSchema },
    },
  }
}

/** The input of an operation, taken apart the way `mergeInput` puts it together. */
function inputParts({ input, http }: Operation): Pick<FastifySchema, 'params' | 'querystring' | 'body' | 'consumes'> {
  if (http.body !== undefined) {
    return { consumes: [...http.body.types], body: { type: 'string', format: 'binary', maxLength: http.body.maxBytes } }
  }
  const whole = inputSchema(input)
  const inPath = new Set([...http.path.matchAll(/:([A-Za-z]+)/g)].map((match) => match[1]))
  const params = select(whole, (field) => inPath.has(field))
  const renamed = new Map<string, string>(Object.entries(http.rename ?? {}).map(([body, field]) => [field, body]))
  const rest = select(whole, (field) => !inPath.has(field), renamed)
  const restGoes = http.method === 'GET' || http.method === 'DELETE' ? 'querystring' : 'body'
  return {
    ...(inPath.size > 0 && { params }),
    ...((Object.keys(rest.properties).length > 0 || rest.additionalProperties !== undefined) && { [restGoes]: rest }),
  }
}

function select(
  schema: ObjectSchema,
  wanted: (field: string) => boolean,
  renamed: ReadonlyMap<string, string> = new Map(),
): ObjectSchema {
  const name = (field: string): string => renamed.get(field) ?? field
  const fields = Object.entries(schema.properties).filter(([field]) => wanted(field))
  return {
    ...schema,
    properties: Object.fromEntries(fields.map(([field, property]) => [name(field), property])),
    required: schema.required.filter(wanted).map(name),
  }
}
