/**
 * What the database holds about people: for every table, what its columns have to do with them ([PD1], [PD5]). The
 * export and the deletion of an account are driven by this list, and a test fails when a column that could hold
 * something about somebody is missing from it.
 */

/**
 * What becomes of a column when an account is deleted.
 * `row goes`, `is renamed`, `is emptied`: it holds the id of a user; rows with this one are deleted, name the stand-in
 * from then on, or name nobody.
 * `with its row`: something about the user whom another column of the row names.
 * `secret`: likewise, and never exported.
 * `is an event`, `has names of two`: JSON of an event, the name of a direct room: rewritten.
 */
type Erasure = 'row goes' | 'is renamed' | 'is emptied' | 'with its row' | 'secret' | 'is an event' | 'has names of two'
type Unconcerned = { nobody: string }

export type TableDeclaration = {
  /** Every column that could hold something about a person: all that are not numbers or truth values, and ids. */
  columns: Readonly<Record<string, Erasure | Unconcerned>>
  /** A file of the export: the rows whose column `by` holds the user. */
  exports?: readonly { file: string; by: string }[]
  /** Rows by which somebody proves who he is: deleted first. */
  proves?: true
  /** Why there is no such file. */
  notExported?: string
}

const nobody = (reason: string): Unconcerned => ({ nobody: reason })
const room = nobody('which room')
const choice = nobody('one of a few words')

/** In the order in which an account is erased: what refers to another table comes before it. */
export const declaredTables: Readonly<Record<string, TableDeclaration>> = {
  sessions: {
    proves: true,
    columns: {
      id: 'with its row',
      user_id: 'row goes',
      device: 'with its row',
      refresh_hash: 'secret',
      places: 'secret',
    },
    exports: [{ file: 'sessions', by: 'user_id' }],
  },
  app_tokens: {
    proves: true,
    columns: {
      id: 'with its row',
      user_id: 'row goes',
      name: 'with its row',
      hash: 'secret',
      rooms: 'with its row',
      access: choice,
    },
    exports: [{ file: 'app-tokens', by: 'user_id' }],
  },
  action_links: {
    proves: true,
    columns: { hash: 'secret', user_id: 'row goes', purpose: choice, email: 'with its row' },
    exports: [{ file: 'links-sent', by: 'user_id' }],
  },
  export_tickets: {
    proves: true,
    columns: { hash: 'secret', user_id: 'row goes' },
    notExported: 'lives for a minute, and is used up by the export itself',
  },
  passkeys: {
    proves: true,
    columns: {
      id: 'secret',
      user_id: 'row goes',
      name: 'with its row',
      public_key: 'secret',
      transports: 'with its row',
    },
    exports: [{ file: 'passkeys', by: 'user_id' }],
  },
  totp_secrets: {
    proves: true,
    columns: { user_id: 'row goes', secret: 'secret' },
    exports: [{ file: 'authenticator-app', by: 'user_id' }],
  },
  recovery_codes: {
    proves: true,
    columns: { user_id: 'row goes', hash: 'secret' },
    notExported: 'hashes of codes, of which nothing else is known',
  },
  spent_proofs: {
    columns: { id: nobody('a random number that was good once') },
    notExported: 'about nobody',
  },
  identities: {
    proves: true,
    columns: {
      id: 'with its row',
      issuer: 'with its row',
      subject: 'with its row',
      user_id: 'row goes',
      name: 'with its row',
    },
    exports: [{ file: 'identities', by: 'user_id' }],
  },
  credentials: {
    proves: true,
    columns: { user_id: 'row goes', password_hash: 'secret', email: 'with its row' },
    exports: [{ file: 'email', by: 'user_id' }],
  },
  avatars: {
    columns: { id: 'with its row', user_id: 'row goes', type: 'with its row', body: 'with its row' },
    notExported: 'the picture is a file of its own in the export',
  },
  privacy: {
    columns: { user_id: 'row goes', direct: choice, presence: choice, last_seen: choice },
    exports: [{ file: 'privacy', by: 'user_id' }],
  },
  blocks: {
    columns: { user_id: 'row goes', blocked_id: 'row goes' },
    exports: [{ file: 'blocks', by: 'user_id' }],
  },
  cursors: {
    columns: { user_id: 'row goes', device_id: 'with its row', room_id: room },
    exports: [{ file: 'cursors', by: 'user_id' }],
  },
  marks: {
    columns: { room_id: room, user_id: 'row goes' },
    exports: [{ file: 'marks', by: 'user_id' }],
  },
  members: {
    columns: { room_id: room, user_id: 'row goes', role: choice },
    exports: [{ file: 'memberships', by: 'user_id' }],
  },
  room_bans: {
    columns: { room_id: room, user_id: 'row goes', reason: 'with its row', by_id: 'is renamed' },
    exports: [{ file: 'bans', by: 'user_id' }],
  },
  room_invitations: {
    columns: { room_id: room, user_id: 'row goes', role: choice, by_id: 'row goes' },
    exports: [
      { file: 'invitations', by: 'user_id' },
      { file: 'invitations-made', by: 'by_id' },
    ],
  },
  join_requests: {
    columns: { room_id: room, user_id: 'row goes', text: 'with its row' },
    exports: [{ file: 'join-requests', by: 'user_id' }],
  },
  invites: {
    columns: {
      id: 'with its row',
      room_id: room,
      role: choice,
      code_hash: 'secret',
      code_sealed: 'secret',
      note: 'with its row',
      by_id: 'row goes',
    },
    exports: [{ file: 'invite-links', by: 'by_id' }],
  },
  server_roles: {
    columns: { user_id: 'row goes', role: choice },
    exports: [{ file: 'server-role', by: 'user_id' }],
  },
  suspensions: {
    columns: { user_id: 'row goes', reason: 'with its row', by_id: 'is emptied' },
    exports: [{ file: 'suspension', by: 'user_id' }],
  },
  reports: {
    columns: {
      reporter: 'is emptied',
      subject: 'row goes',
      room_id: room,
      reason: choice,
      text: 'with its row',
      message: 'is an event',
      state: choice,
      note: nobody('of the moderators, for each other'),
      closed_by: 'is emptied',
    },
    exports: [{ file: 'reports-made', by: 'reporter' }],
  },
  access_changes: {
    columns: { user_id: 'row goes', credential: 'with its row' },
    notExported: 'a note between processes, that a session or a token has ended; forgotten within the hour',
  },
  audit_people: {
    columns: { number: 'with its row', user_id: 'row goes' },
    notExported: 'a number for the audit log, whose entries are exported',
  },
  audit_log: {
    columns: {
      actor: nobody('a number that means nobody when the row of audit_people is gone'),
      subject: nobody('likewise'),
      action: choice,
      room_id: room,
      details: nobody('never names anybody (protocol/audit.ts)'),
    },
    notExported: 'has a file of its own: entries by or about the user',
  },
  mentions: {
    columns: { room_id: room, user_id: 'row goes' },
    notExported: 'has a file of its own, with the messages',
  },
  command_ids: {
    columns: { room_id: room, author: 'row goes', command_id: 'with its row' },
    notExported: 'recognises repeated commands; the ids stand in the exported events',
  },
  transmissions: {
    columns: { author: 'row goes', device_id: 'with its row', room_id: room, payload_hash: 'with its row' },
    notExported: 'recognises repeated packets for five minutes',
  },
  events: {
    columns: { room_id: room, type: choice, author: 'is renamed', body: 'is an event' },
    notExported: 'has files of its own: what the user wrote, and what others wrote to him',
  },
  rooms: {
    columns: {
      id: nobody('an id that is taken for ever'),
      name: 'has names of two',
      topic_line: nobody('of the room'),
      kind: choice,
      settings: nobody('of the room'),
      direct_key: 'has names of two',
    },
    notExported: 'belongs to all its members; names of rooms stand beside the memberships',
  },
  users: {
    columns: {
      id: 'row goes',
      display_name: 'with its row',
      status_state: 'with its row',
      status_text: 'with its row',
      avatar_id: 'with its row',
      about: 'with its row',
      time_zone: 'with its row',
    },
    exports: [{ file: 'profile', by: 'id' }],
  },
  deletions: {
    columns: {
      user_id: nobody('the deletion itself, gone when it is done'),
      stand_in: nobody('random'),
      messages: choice,
      room_id: room,
    },
    notExported: 'exists only while the account is being deleted',
  },
  taken_names: {
    columns: { hash: nobody('a keyed hash, made when the account is gone') },
    notExported: 'made when the account is gone',
  },
  archive_writers: {
    columns: { id: nobody('a process'), seqs: nobody('places in logs') },
    notExported: 'about processes',
  },
  expirations: { columns: { room_id: room }, notExported: 'when messages end' },
  signing_keys: {
    columns: { id: nobody('a key'), public_key: nobody('of the server'), private_key: nobody('of the server') },
    notExported: 'of the server',
  },
  first_account: { columns: {}, notExported: 'when the server got its first account' },
}
