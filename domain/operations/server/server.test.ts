import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, openHouse } from '../../test/open-house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())

test('[SRV1] anybody learns who may sign up and where MQTT is spoken, and nothing else', async () => {
  const operation = house.domain.operations.get('server')
  if (operation === undefined) throw new Error('no such operation')
  expect(operation.access).toBe('nobody')
  expect(await house.domain.operations.run(operation, {}, {})).toEqual({
    registration: 'open',
    mqttPort: 1883,
    mqttsPort: 0,
    email: false,
  })
})
