import { describeIdentities } from '../accounts/identities.contract.ts'
import { describeSecondFactor } from '../accounts/second-factor.contract.ts'
import { describeAdministration } from '../administration/administration.contract.ts'
import { describeAudit } from '../audit/audit.contract.ts'
import { describeBans } from '../bans/bans.contract.ts'
import { describeCursors } from '../cursors/cursors.contract.ts'
import { describeInvites } from '../invites/invites.contract.ts'
import { describeMarks } from '../marks/marks.contract.ts'
import { describeMembers } from '../members/members.contract.ts'
import { describePeople } from '../people/people.contract.ts'
import { describeRooms } from '../rooms/rooms.contract.ts'
import { onEachServer } from './on-each-server.ts'

onEachServer((open) => {
  describeRooms(open)
  describeMembers(open)
  describeBans(open)
  describeMarks(open)
  describeCursors(open)
  describePeople(open)
  describeAudit(open)
  describeSecondFactor(open)
  describeIdentities(open)
  describeAdministration(open)
  describeInvites(open)
})
