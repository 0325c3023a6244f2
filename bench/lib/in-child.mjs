import { fork } from 'node:child_process';
import { once } from 'node:events';

/** A script in a process of its own that answers one message at a time; see {@link answering}. */
export async function inChild(file) {
  const child = fork(file, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  return {
    async ask(message) {
      child.send(message);
      const [answer] = await Promise.race([once(child, 'message'), ended.then(() => [{ error: `${file} ended` }])]);
      if (answer.error) throw new Error(answer.error);
      return answer;
    },
    async stop() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

/** The child's side: `answer` gets each message and gives the reply; `close` runs when the parent lets go. */
export function answering(answer, close = async () => {}) {
  process.on('message', (message) => {
    const reply = (content) => process.connected && process.send(content);
    answer(message).then(reply, (error) => reply({ error: error.stack }));
  });
  process.on('disconnect', () => {
    close().finally(() => process.exit(0));
  });
}
