import { errorCatalogue } from '../../../protocol/errors.ts'
import type { ProviderOutcome } from './provider.ts'

/** In one line for people. `name`: of the provider. */
export function outcomeText(outcome: ProviderOutcome, name: string): string {
  switch (outcome) {
    case 'confirm':
      return `An account here has your e-mail address. Sign in to it once, and it will be linked with ${name}.`
    case 'linked':
      return `You can sign in with ${name} from now on.`
    case 'invalid_request':
      return `The sign-in with ${name} did not come about. Try again.`
    case 'unavailable':
      return `${name} does not answer. Try again later.`
    case 'registration_closed':
      return `There is no account here that is linked with yours at ${name}, and this server makes none.`
    case 'conflict':
      return `That sign-in with ${name} belongs to another account here.`
    case 'forbidden':
      return `That sign-in with ${name} is not yours: its e-mail address belongs to another account.`
    default:
      return errorCatalogue[outcome].message
  }
}
