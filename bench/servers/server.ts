/** A server under test, running in a process of its own. */
export interface Server {
  readonly name: string
  readonly pid: number
  /** The first process of its PostgreSQL. */
  readonly databasePid?: number
  readonly mqttPort: number
  readonly webSocketPort: number
  readonly webSocketPath: string
  /** How the load generator signs in and speaks to it. */
  readonly speech: Speech
  /** Makes sure that these rooms exist before they are written to. */
  prepareRooms(rooms: string[]): Promise<void>
  /** Ends the process, waits for its end and removes what it stored. */
  stop(): Promise<void>
}

export type Speech = {
  subscribeTopic: string
  publishTopic: string
  payload: 'plain' | 'command'
  user?: string
  password?: string
}
