import * as z from 'zod/mini'
import type { Operation } from '../../domain/index.ts'
import { commandIdSchema, roomIdSchema, userIdSchema } from '../../protocol/http.ts'
import { idPatterns } from '../../protocol/ids.ts'

export type ObjectSchema = {
  type: 'object'
  properties: Record<string, object>
  required: string[]
  additionalProperties?: unknown
}

/** Ids are checked by functions, which JSON Schema cannot show. */
const patternOf: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [roomIdSchema, idPatterns.room],
  [userIdSchema, idPatterns.user],
  [commandIdSchema, idPatterns.command],
])

/** The JSON Schema of an operation's input: always an object, as fields of path, query and body become one. */
export function inputSchema(input: Operation['input']): ObjectSchema {
  const schema = z.toJSONSchema(input as z.core.$ZodType, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const pattern = patternOf.get(zodSchema)
      if (pattern !== undefined) Object.assign(jsonSchema, { type: 'string', pattern })
    },
  })
  const { additionalProperties } = schema
  return {
    type: 'object',
    properties: asProperties(schema.properties),
    required: schema.required ?? [],
    ...(additionalProperties !== undefined && { additionalProperties }),
  }
}

const asProperties = (properties: Record<string, unknown> | undefined): Record<string, object> =>
  Object.fromEntries(
    Object.entries(properties ?? {}).map(([name, value]) => [name, typeof value === 'object' && value ? value : {}]),
  )
