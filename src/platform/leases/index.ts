export { InstanceBeacon } from './instance-beacon.js';
export { leaseLogEvents } from './lease.log-events.js';
export { LeasedTask, type Guard, type LeasedTaskOptions } from './leased-task.js';
export { Leases, type Lease } from './leases.js';
