import { describe, expect, it } from 'vitest'
import { isUserId, type UserId } from '../protocol/ids.ts'
import type { Presence } from '../protocol/presence.ts'
import { type Audience, OPEN_PRIVACY, type Privacy } from '../protocol/privacy.ts'
import {
  HIDDEN_PRESENCE,
  mayReach,
  maySeePresence,
  maySeeTyping,
  OPEN_RULES,
  type Rules,
  type Viewer,
  visiblePresence,
  visibleReceipt,
} from './privacy-policy.ts'

function user(name: string): UserId {
  if (!isUserId(name)) throw new Error(name)
  return name
}

const rulesOf = (privacy: Partial<Privacy>, ...blocks: string[]): Rules => ({
  privacy: { ...OPEN_PRIVACY, ...privacy },
  blocks: new Set(blocks.map(user)),
})
const stranger: Viewer = { user: user('stranger'), isContact: () => false }
const contact: Viewer = { user: user('contact'), isContact: () => true }
const online: Presence = { state: 'busy', since: 1, text: 'cooking' }
const gone: Presence = { state: 'offline', lastSeen: 7 }
const receipt = { read: 3, delivered: 9 }

const AUDIENCES: readonly [Audience, boolean, boolean][] = [
  ['everyone', true, true],
  ['contacts', true, false],
  ['nobody', false, false],
]

describe('[PEO5] who may know of a person', () => {
  it.each(AUDIENCES)('presence for %s: contacts %s, strangers %s', (presence, forContacts, forStrangers) => {
    const rules = rulesOf({ presence })
    for (const [viewer, may] of [
      [contact, forContacts],
      [stranger, forStrangers],
    ] as const) {
      expect(maySeePresence(rules, viewer)).toBe(may)
      expect(maySeeTyping(rules, viewer)).toBe(may)
      expect(visiblePresence(rules, online, viewer)).toEqual(may ? online : HIDDEN_PRESENCE)
      expect(visiblePresence(rules, gone, viewer)).toEqual(may ? gone : HIDDEN_PRESENCE)
      expect(visibleReceipt(rules, receipt, viewer, OPEN_RULES)).toEqual(may ? receipt : { read: 3, delivered: 3 })
    }
  })

  it.each(AUDIENCES)('last seen for %s: contacts %s, strangers %s', (lastSeen, forContacts, forStrangers) => {
    const rules = rulesOf({ lastSeen })
    expect(visiblePresence(rules, gone, contact)).toEqual(forContacts ? gone : HIDDEN_PRESENCE)
    expect(visiblePresence(rules, gone, stranger)).toEqual(forStrangers ? gone : HIDDEN_PRESENCE)
    expect(visiblePresence(rules, online, stranger)).toEqual(online)
    expect(visiblePresence(rulesOf({ lastSeen, presence: 'nobody' }), gone, contact)).toEqual(HIDDEN_PRESENCE)
  })

  it.each(AUDIENCES)('[PEO8] reach for %s: contacts %s, strangers %s', (direct, forContacts, forStrangers) => {
    expect(mayReach(rulesOf({ direct }), contact)).toBe(forContacts)
    expect(mayReach(rulesOf({ direct }), stranger)).toBe(forStrangers)
    expect(mayReach(rulesOf({ direct }, 'contact'), contact)).toBe(false)
  })

  it('[PEO7] read marks are mutual; typing is one’s own choice', () => {
    const silent = rulesOf({ readMarks: false, typing: false })
    expect(visibleReceipt(silent, receipt, contact, OPEN_RULES)).toBeUndefined()
    expect(visibleReceipt(OPEN_RULES, receipt, contact, silent)).toBeUndefined()
    expect(visibleReceipt(OPEN_RULES, receipt, contact, OPEN_RULES)).toBe(receipt)
    expect(maySeeTyping(silent, contact)).toBe(false)
    expect(maySeeTyping(OPEN_RULES, contact)).toBe(true)
  })

  it('[PEO10] who is blocked sees nothing, contact or not', () => {
    const rules = rulesOf({}, 'contact')
    expect(visiblePresence(rules, online, contact)).toEqual(HIDDEN_PRESENCE)
    expect(visiblePresence(rules, gone, contact)).toEqual(HIDDEN_PRESENCE)
    expect(maySeeTyping(rules, contact)).toBe(false)
    expect(visibleReceipt(rules, receipt, contact, OPEN_RULES)).toBeUndefined()
    expect(visiblePresence(rules, online, stranger)).toEqual(online)
  })
})
