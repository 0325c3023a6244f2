/** One change of keys at a time over all instances; readers are not held up. */
export const LOCK_API_KEYS = 'LOCK TABLE api_key IN SHARE ROW EXCLUSIVE MODE';
