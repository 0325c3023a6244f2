export { incidentErrors } from './incident.errors.js';
export { IncidentModule } from './incident.module.js';
export { IncidentReader, type IncidentDetail } from './incident-reader.js';
export { IncidentService } from './incident.service.js';
export { IncidentStore } from './incident-store.js';
export { snapshotOf } from './incident.js';
