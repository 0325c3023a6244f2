import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { CordonError } from '../kernel/index.js';
import { requireFreeAddress } from './listening.js';

async function refusal(host: string, port: number): Promise<CordonError> {
  const error: unknown = await requireFreeAddress({ host, port }).then(() => undefined, (caught: unknown) => caught);
  if (error instanceof CordonError) return error;
  throw new Error(`expected a CordonError, got ${String(error)}`);
}

describe('requireFreeAddress', () => {
  it('names who has the port', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { port } = holder.address() as { port: number };
    const error = await refusal('127.0.0.1', port);
    holder.close();
    expect(error.code).toBe('cli.port_taken');
    expect(error.message).toContain(`127.0.0.1:${port}`);
    expect(error.definition.remedy).toContain('--port');
  });

  it('refuses an address that is not of this machine', async () => {
    // TEST-NET-1 (RFC 5737) is nobody's
    const error = await refusal('192.0.2.1', 8787);
    expect(error.code).toBe('cli.address_refused');
    expect(error.details.field).toBe('server.host');
  });

  it('lets a free port pass', async () => {
    await expect(requireFreeAddress({ host: '127.0.0.1', port: 0 })).resolves.toBeUndefined();
  });
});
