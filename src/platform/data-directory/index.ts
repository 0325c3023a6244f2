export { explainWriteError, openDataDirectory, prepareDataDirectory, type DataDirectory } from './data-directory.js';
export { dataDirectoryErrors } from './data-directory.errors.js';
export { isRunning, pidExists, type ProcessIdentity } from './process-identity.js';
