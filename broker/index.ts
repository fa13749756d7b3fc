export { type Broker, type BrokerDeps, type BrokerOptions, createBroker } from './broker.ts'
