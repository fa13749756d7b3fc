import type { RoomId, UserId } from '../../protocol/ids.ts'
import { type Filter, VIEWS, type View } from '../../protocol/topics.ts'

export type Qos = 0 | 1
export type Grant = { filter: Filter; qos: Qos }
export type MemberLeaf = 'presence' | 'typing' | 'receipts'
export const MEMBER_LEAVES: readonly MemberLeaf[] = ['presence', 'typing', 'receipts']

/** What one connection wants of one room, all its filters taken together: each view once, at the highest QoS ([TOP8]). */
export type Interest = {
  views: Map<View, Qos>
  state: boolean
  members: Map<MemberLeaf, Set<UserId | '+'>>
}

/** Whether a filter is about a room at all, with `mine` telling whether it is one of the subscriber's rooms. */
export function concerns(filter: Filter, room: RoomId, mine: boolean): boolean {
  if (filter.kind !== 'room' && filter.kind !== 'room-all') return false
  return filter.room === room || (filter.room === '+' && mine)
}

/** Pure: the sum of the filters that concern a room; `undefined` when there is none. */
export function interestIn(room: RoomId, mine: boolean, grants: Iterable<Grant>): Interest | undefined {
  let interest: Interest | undefined
  for (const { filter, qos } of grants) {
    if (!concerns(filter, room, mine)) continue
    interest ??= { views: new Map(), state: false, members: new Map() }
    if (filter.kind === 'room-all') addAll(interest, qos)
    else if (filter.kind === 'room') addLeaf(interest, filter, qos)
  }
  return interest
}

function addAll(interest: Interest, qos: Qos): void {
  for (const view of VIEWS) addView(interest, view, qos)
  interest.state = true
  for (const leaf of MEMBER_LEAVES) addMember(interest, leaf, '+')
}

function addLeaf(interest: Interest, filter: Filter & { kind: 'room' }, qos: Qos): void {
  if (filter.leaf === 'state') interest.state = true
  else if (isMemberLeaf(filter.leaf)) addMember(interest, filter.leaf, filter.user ?? '+')
  else addView(interest, filter.leaf, qos)
}

const isMemberLeaf = (leaf: string): leaf is MemberLeaf => (MEMBER_LEAVES as readonly string[]).includes(leaf)

function addView(interest: Interest, view: View, qos: Qos): void {
  if (qos > (interest.views.get(view) ?? -1)) interest.views.set(view, qos)
}

function addMember(interest: Interest, leaf: MemberLeaf, user: UserId | '+'): void {
  const users = interest.members.get(leaf)
  if (users === undefined) interest.members.set(leaf, new Set([user]))
  else users.add(user)
}
