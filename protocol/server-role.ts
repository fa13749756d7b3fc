/** What somebody is to the whole server (SPEC.md, ADM1); ordinary users are nothing. It counts for nothing in rooms. */
export const SERVER_ROLES = ['owner', 'moderator'] as const
export type ServerRole = (typeof SERVER_ROLES)[number]
