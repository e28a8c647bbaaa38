/** What all releases of Kueue up to 0.17 serve. */
export const KUEUE_API_VERSION = 'kueue.x-k8s.io/v1beta1';
/** Label and annotation by which Kueue finds the queue of a Job. */
export const QUEUE_NAME = 'kueue.x-k8s.io/queue-name';
