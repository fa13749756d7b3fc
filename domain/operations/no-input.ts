import * as z from 'zod/mini'

/** Of operations that need to know nothing but who calls. */
export const noInput = z.object({})
