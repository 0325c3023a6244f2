// Load of keep-alive connections, each with one request in flight, written on sockets: an HTTP library would cost more
// than the server under test. Requests are made and signed before the clock starts.
import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { answering } from './in-child.mjs';

let serial = 0;

answering(async ({ port, path, requests, connections, recordBytes, secret }) => {
  const prepared = Array.from({ length: requests }, () => requestOf({ port, path, recordBytes, secret }));
  const latencies = new Float64Array(requests);
  let next = 0;
  const sockets = await Promise.all(Array.from({ length: connections }, () => connected(port)));
  const started = performance.now();
  await Promise.all(sockets.map(async (socket) => {
    for (let index = next++; index < requests; index = next++) {
      const sent = performance.now();
      const status = await exchange(socket, prepared[index]);
      latencies[index] = performance.now() - sent;
      if (status !== 202) throw new Error(`the server answered ${status}`);
    }
  }));
  const seconds = (performance.now() - started) / 1000;
  for (const socket of sockets) socket.destroy();
  latencies.sort();
  return { requestsPerSecond: requests / seconds, p50Ms: latencies[Math.floor(requests * 0.5)], p99Ms: latencies[Math.floor(requests * 0.99)] };
});

function requestOf({ port, path, recordBytes, secret }) {
  serial += 1;
  const time = Math.floor(Date.now() / 1000);
  const record = { '@timestamp': new Date().toISOString(), serial: `${process.pid}-${serial}`, user: `user${serial % 1000}@example.com`, method: 'GET', path: '/v1/accounts/42', status: 200, bytes: serial, client: '192.0.2.10', tags: ['a', 'b'], padding: '' };
  record.padding = 'x'.repeat(Math.max(0, recordBytes - JSON.stringify(record).length));
  const body = JSON.stringify(record);
  const signature = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\nX-Cordon-Signature: t=${time},v1=${signature}\r\n` +
      `X-Cordon-Delivery: bench-${process.pid}-${serial}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function connected(port) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket));
    socket.once('error', reject);
  });
}

function exchange(socket, request) {
  return new Promise((resolve, reject) => {
    let text = '';
    const fail = (error) => reject(error ?? new Error('the server closed the connection'));
    const onData = (chunk) => {
      text += chunk.latin1Slice();
      const head = text.indexOf('\r\n\r\n');
      if (head === -1) return;
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (text.length < head + 4 + length) return;
      socket.off('data', onData);
      socket.off('close', fail);
      resolve(Number(text.slice(9, 12)));
    };
    socket.on('data', onData);
    socket.once('close', fail);
    socket.write(request);
  });
}
