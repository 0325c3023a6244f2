export { InstanceBeacon } from './instance-beacon.js';
export { Leases, type Lease } from './leases.js';
