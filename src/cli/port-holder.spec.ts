import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { findPortHolder, listeningSockets } from './port-holder.js';

// 8787 is 0x2253; the second line is an established connection on that port, the third another port.
const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:2253 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 40123 1 0000000000000000 100 0 0 10 0
   1: 0100007F:2253 0100007F:C5A2 01 00000000:00000000 00:00000000 00000000  1000        0 40999 1 0000000000000000 20 4 30 10 -1
   2: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 31000 1 0000000000000000 100 0 0 10 0
`;

describe('listeningSockets', () => {
  it('finds who listens, not who is connected', () => {
    expect(listeningSockets(table, 8787)).toEqual(['socket:[40123]']);
    expect(listeningSockets(table, 8788)).toEqual([]);
    expect(listeningSockets('', 8787)).toEqual([]);
  });
});

describe('findPortHolder', () => {
  const onLinux = process.platform === 'linux' ? it : it.skip;

  onLinux('names this process for a port of its own, and nobody once it is closed', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(findPortHolder(port)).toMatchObject({ pid: process.pid });
    server.close();
    await once(server, 'close');
    expect(findPortHolder(port)).toBeUndefined();
  });
});
