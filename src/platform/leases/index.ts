export { Leases, type Lease } from './leases.js';
