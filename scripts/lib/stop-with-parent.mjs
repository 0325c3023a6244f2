const WATCH_MS = 500;

/**
 * npm starts us through a shell. A SIGTERM to npm (docker stop, systemd) ends that shell, which does not pass it on:
 * without this we would run on with nobody left to stop us.
 */
export function stopWithParent() {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, WATCH_MS);
  timer.unref();
}
