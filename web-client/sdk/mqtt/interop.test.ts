import { describe, expect, test } from 'vitest'
import { findOnPath } from '../../../scripts/programs.mjs'
import { describeInterop, makeClient } from './interop.contract.ts'
import { startAedes } from './test/aedes-broker.ts'
import { startMosquitto } from './test/mosquitto-broker.ts'

describeInterop('aedes', startAedes)

describe('what this aedes refuses', () => {
  test('[MQTT-3.2.2-5] wrong credentials (4), no access (5) and a busy server (3) are told apart', async () => {
    const broker = await startAedes()
    for (const [password, returnCode] of Object.entries({ wrong: 4, unwelcome: 5, busy: 3 })) {
      const { client, closed } = makeClient(broker.url, { username: 'alice', password })
      const early = client.subscribe([{ filter: 'a', qos: 0 }])
      const refused = { kind: 'refused', returnCode }
      const results = await Promise.allSettled([client.connect(), early])
      expect(results).toMatchObject([{ reason: { reason: refused } }, { reason: { reason: refused } }])
      expect(await closed).toEqual(refused)
    }
    await broker.stop()
  })

  test('[MQTT-3.9.3-1] a refused filter has the code 0x80, the others of the same SUBSCRIBE are granted', async () => {
    const broker = await startAedes()
    const { client } = makeClient(broker.url)
    await client.connect()
    const filters = ['rooms/+/messages', 'secret/#', 'users/alice/#']
    expect(await client.subscribe(filters.map((filter) => ({ filter, qos: 1 })))).toEqual([1, 0x80, 1])
    client.close()
    await broker.stop()
  })
})

// A second opinion where that broker happens to be installed; nothing is promised that aedes does not show.
const mosquitto = findOnPath(['mosquitto'])
if (mosquitto) describeInterop('mosquitto', () => startMosquitto(mosquitto))
