export { BatchConsumer, type Batch, type BatchConsumerDependencies, type BatchConsumerOptions, type BatchHandler } from './batch-consumer.js';
export { LeasedWorker, type LeasedWork, type LeasedWorkerDependencies, type LeasedWorkerOptions } from './leased-worker.js';
export { WaitSignal } from './wait-signal.js';
