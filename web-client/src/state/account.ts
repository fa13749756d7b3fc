/** The calls about my account, for the views that come later. */
export { createAccount } from '../../sdk/account.ts'
