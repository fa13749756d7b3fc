export { createLimits, type LimitName, type LimitSizes, type Limits, UNLIMITED } from './limits.ts'
