export { forwardErrors } from './forward.errors.js';
export { ForwardModule } from './forward.module.js';
export { ForwardService } from './forward.service.js';
