import type { FastifyRequest } from 'fastify'
import { expect, test } from 'vitest'
import { ownOriginOf } from '../check-origin.ts'

const asked = (origin: string | undefined, host: string, protocol: 'http' | 'https' = 'http') =>
  ({ headers: { origin }, host, protocol }) as unknown as FastifyRequest

test.each([
  // The public address counts, whatever a request says of its host.
  ['https://chat.example.org', 'inner:8080', 'https://chat.example.org/', 'https://chat.example.org'],
  [undefined, 'evil.example', 'https://chat.example.org', 'https://chat.example.org'],
  ['https://evil.example', 'evil.example', 'https://chat.example.org', undefined],
  ['http://chat.example.org', 'chat.example.org', 'https://chat.example.org', undefined],
  // Without one, the page and the host asked must be the same.
  ['http://localhost:8080', 'localhost:8080', undefined, 'http://localhost:8080'],
  ['https://chat.example.org', 'chat.example.org', undefined, 'https://chat.example.org'],
  ['https://evil.example', 'chat.example.org', undefined, undefined],
  ['https://chat.example.org.evil.example', 'chat.example.org', undefined, undefined],
  ['null', 'chat.example.org', undefined, undefined],
  [undefined, 'localhost:8080', undefined, 'http://localhost:8080'],
  [undefined, '', undefined, undefined],
])('[KEY3] a page at %s that asks %s of a server at %s is at %s', (origin, host, publicUrl, expected) => {
  expect(ownOriginOf(asked(origin, host), publicUrl)).toBe(expected)
})
