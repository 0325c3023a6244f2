export { incidentErrors } from './incident.errors.js';
export { IncidentModule } from './incident.module.js';
export { IncidentReader, type IncidentDetail } from './incident-reader.js';
export { IncidentService } from './incident.service.js';
export { IncidentStore } from './incident-store.js';
export { IncidentVisibility, type Sees } from './incident-visibility.js';
export { snapshotOf, type IncidentEntity } from './incident.js';
