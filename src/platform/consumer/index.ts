export { BatchConsumer, type Batch, type BatchConsumerDependencies, type BatchConsumerOptions, type BatchHandler } from './batch-consumer.js';
