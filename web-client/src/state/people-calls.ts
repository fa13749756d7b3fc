import { createPeople, type People } from '../../sdk/people.ts'
import type { ChatClient } from './client-types.ts'

export type { Block, Me, Privacy, Profile } from '../../sdk/people.ts'

const made = new WeakMap<ChatClient, People>()

/** What the server is asked of people; comes with the screens that need it. */
export function peopleOf(client: ChatClient): People {
  const people = made.get(client) ?? createPeople(client)
  made.set(client, people)
  return people
}
