/** The sizes and times of the wire (SPEC.md, LIM1). Limits that operators may change live in `config/`. */

/** Text of one message or edit, in UTF-8 bytes. */
export const MAX_TEXT_BYTES = 16 * 1024
/** Nesting of `data` and of unknown fields. */
export const MAX_DEPTH = 32
/** An emoji of a reaction, in UTF-8 bytes: the longest joined sequences need 35. */
export const MAX_EMOJI_BYTES = 64
export const MAX_MENTIONS = 50
export const MAX_FILES = 10
/** `ttl` of a message in seconds: one year. */
export const MAX_TTL_SECONDS = 365 * 24 * 3600
export const MAX_NAME_LENGTH = 80
export const MAX_TOPIC_LINE_LENGTH = 300
/** Why somebody was removed, banned or muted. */
export const MAX_REASON_LENGTH = 200
export const MAX_EMAIL_LENGTH = 254
export const MAX_STATUS_LENGTH = 140
/** What somebody says of himself, in characters. */
export const MAX_ABOUT_LENGTH = 200
export const AVATAR_TYPES = ['image/png', 'image/jpeg', 'image/webp'] as const
export const MAX_AVATAR_BYTES = 1024 * 1024
/** Width and height of an avatar. */
export const MAX_AVATAR_PIXELS = 4096
/** People whom one person can have blocked. */
export const MAX_BLOCKS = 1000
/** Contacts in one answer, and rooms that two people share. */
export const CONTACTS_MAX = 500
export const SHARED_ROOMS_MAX = 100
/** People invited by the command that makes a room. */
export const MAX_MEMBERS_AT_CREATION = 100
export const MAX_ROOMS_PER_CATCH_UP = 500
/** Slow mode of a room: one message in six hours at the slowest. */
export const MAX_SLOW_MODE_SECONDS = 6 * 3600
export const PAGE_DEFAULT = 50
export const PAGE_MAX = 500
/** Members of a room in one answer. */
export const MEMBERS_MAX = 1000
/** The last place that a log can have; positions beyond it are refused. */
export const MAX_SEQ = 2 ** 31 - 1
/** People whose display data comes with a sync. */
export const SYNC_USERS = 500

/** Invite links last an hour to 30 days, or do not end; invitations to the server up to a year. */
export const MIN_INVITE_SECONDS = 3600
export const MAX_INVITE_SECONDS = 30 * 24 * 3600
export const MAX_SERVER_INVITE_SECONDS = 365 * 24 * 3600
export const MAX_INVITE_USES = 10_000
/** Live links of one room, and of the server. */
export const MAX_INVITES = 100
/** Pending invitations to one room, and of one person. */
export const MAX_ROOM_INVITATIONS = 500
export const MAX_USER_INVITATIONS = 100
export const MAX_REQUEST_TEXT_LENGTH = 300
/** Pending requests to join one room, and of one person. */
export const MAX_ROOM_JOIN_REQUESTS = 500
export const MAX_USER_JOIN_REQUESTS = 20

export const PASSWORD_MIN_LENGTH = 10
/** bcrypt reads no further: longer ones are refused, not cut. */
export const PASSWORD_MAX_BYTES = 72

export const TYPING_EXPIRES_MS = 6_000
/** A retransmission (DUP) of a payload without an id is recognised for this long. */
export const DUP_WINDOW_MS = 5 * 60_000
export const MAX_FILTERS_PER_SUBSCRIBE = 100
export const MAX_KEEPALIVE_SECONDS = 300
export const MAX_QOS2_IN_FLIGHT = 100
export const ACCESS_TOKEN_SECONDS = 15 * 60
export const TOKEN_LEEWAY_SECONDS = 30
