export { keepSecret } from './keep-secret.ts'
export { type Config, ConfigError, loadConfig } from './load-config.ts'
export { settings } from './schema.ts'
