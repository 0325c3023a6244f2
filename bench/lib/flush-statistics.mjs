/** Has every idle session of a pool (those that listen stay with their holder) hand in its part of PostgreSQL's statistics, which it otherwise holds back for up to ten seconds. */
export async function flushStatistics(pool) {
  const clients = await Promise.all(Array.from({ length: pool.idleCount }, () => pool.connect()));
  for (const client of clients) {
    await client.query('SELECT pg_stat_force_next_flush()');
    client.release();
  }
  return {};
}
