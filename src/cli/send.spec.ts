import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SECRET, source, startIntake, type TestIntake } from '../../test/harness/intake-server.js';
import { deliveryBatches } from './delivery-batches.js';
import type { SendOptions } from './send.command.js';
import { send, type SendResult } from './send.js';

describe('deliveryBatches', () => {
  const cut = async (text: string, maxRecords = 2, maxBytes = 1000) => {
    const batches = [];
    for await (const batch of deliveryBatches(Readable.from([Buffer.from(text)]), { maxRecords, maxBytes })) batches.push([batch.body.toString(), batch.records]);
    return batches;
  };

  it.each([
    ['records a line', '\n{"a":1}\n\n{"a":2}\r\n{"a":3}', [['{"a":1}\n{"a":2}', 2], ['{"a":3}', 1]]],
    ['an array', '[{"a":1},\n {"a":\n2}, {"a":3}]', [['[{"a":1},{"a":\n2}]', 2], ['[{"a":3}]', 1]]],
    ['an object over several lines', '{\n"a":1\n}\n', [['[{\n"a":1\n}]', 1]]],
    ['lines of text', '192.0.2.1 GET /\n192.0.2.2 GET /', [['192.0.2.1 GET /\n192.0.2.2 GET /', 2]]],
    ['nothing', '\n \n', []],
  ])('cuts %s', async (_, text, expected) => {
    expect(await cut(text)).toEqual(expected);
  });

  it('keeps a body below the limit where the records allow', async () => {
    expect((await cut('{"a":1}\n{"a":2}\n{"a":3}', 10, 16)).map(([, records]) => records)).toEqual([2, 1]);
  });
});

describe('cordon send', () => {
  let folder: string;
  let test: TestIntake;
  let output: string;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'cordon-send-'));
    writeFileSync(path.join(folder, 'key'), `${SECRET}\n`);
    test = await startIntake({ gateway: source() });
    output = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((output += String(text)), true));
    jest.spyOn(process.stderr, 'write').mockImplementation(() => true);
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await test.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (text: string, options: Partial<SendOptions> = {}) => {
    const file = path.join(folder, 'records');
    writeFileSync(file, text);
    test.clock.set(new Date());
    return send(file, { source: 'gateway', url: test.url, secretFile: path.join(folder, 'key'), batch: 2, retries: 3, json: true, ...options });
  };
  const result = () => JSON.parse(output) as SendResult;

  it('signs, posts in bounded deliveries and exits 0', async () => {
    expect(await run('{"n":1}\n{"n":2}\n{"n":3}\n', { gzip: true })).toBe(0);
    expect(result()).toMatchObject({ sent: 3, deliveries: 2, accepted: 3, duplicates: 0, rejected: [] });
    expect(test.log.stored.map(({ body }) => body.toString())).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
  });

  it('names refused records by their number in the input and exits 1', async () => {
    expect(await run('{"n":1}\n{"n":2}\n{"n":3}\nseven\n{"n":\n8\n')).toBe(1);
    expect(result().rejected).toEqual([
      { record: 4, code: 'intake.invalid_json' },
      { record: 5, code: 'intake.invalid_json' },
      { record: 6, code: 'intake.not_an_object' },
    ]);
  });

  it('can be repeated under its delivery id without storing twice', async () => {
    await run('{"n":1}', { delivery: 'monday' });
    output = '';
    expect(await run('{"n":1}', { delivery: 'monday' })).toBe(0);
    expect(result()).toMatchObject({ accepted: 0, duplicates: 1 });
  });

  it('stores the same record again under another delivery, also within one second', async () => {
    await run('{"n":1}');
    output = '';
    expect(await run('{"n":1}')).toBe(0);
    expect(test.log.stored).toHaveLength(2);
  });

  it('waits as the server says and sends again', async () => {
    let failures = 1;
    test.log.before = () => {
      if (failures-- > 0) throw new Error('down');
    };
    expect(await run('{"n":1}')).toBe(0);
    expect(test.log.stored).toHaveLength(1);
  });

  it('gives up with cli.send_failed on a refusal and on a server that is not there', async () => {
    writeFileSync(path.join(folder, 'wrong'), 'wrong');
    await expect(run('{}', { secretFile: path.join(folder, 'wrong') })).rejects.toMatchObject({ code: 'cli.send_failed' });
    await expect(run('{}', { url: 'http://127.0.0.1:9', retries: 0 })).rejects.toMatchObject({ code: 'cli.send_failed' });
  });

  it('that fails on the way says what is stored and how to go on without storing it again', async () => {
    let batches = 0;
    test.log.before = () => {
      if (++batches > 1) throw new Error('down');
    };
    const records = '{"n":1}\n{"n":2}\n{"n":3}\n';
    const error: unknown = await run(records, { retries: 0 }).catch((caught: unknown) => caught);
    expect(result()).toMatchObject({ sent: 2, accepted: 2 });
    const [, delivery] = /--delivery (\S+)$/.exec(String(error)) ?? [];
    expect(delivery).toBe(result().delivery);

    test.log.before = () => undefined;
    output = '';
    expect(await run(records, { delivery: delivery! })).toBe(0);
    expect(result()).toMatchObject({ accepted: 1, duplicates: 2 });
    expect(test.log.stored).toHaveLength(3);
  });

  it('exits 2 where the input or the key cannot be read', async () => {
    const options = { source: 'gateway', url: test.url, secretFile: path.join(folder, 'key'), batch: 2, retries: 1 };
    expect(await send(path.join(folder, 'missing'), options)).toBe(2);
    expect(await send(path.join(folder, 'key'), { ...options, secretFile: path.join(folder, 'missing') })).toBe(2);
  });

  it('reads address and key from the configuration, and says when the source is not in it', async () => {
    const config = path.join(folder, 'cordon.yaml');
    const { port } = new URL(test.url);
    writeFileSync(config, `server: { port: ${port} }\nsources:\n  gateway: { stream: cordon.gateway, auth: { type: hmac, keys: [{ secret: "file:key" }] } }\n`);
    const file = path.join(folder, 'records');
    writeFileSync(file, '{"n":1}');
    test.clock.set(new Date());
    expect(await send(file, { source: 'gateway', config, batch: 10, retries: 1 })).toBe(0);
    expect(output).toContain('sent 1 records in 1 deliveries: 1 accepted');
    await expect(send(file, { source: 'gatway', config, batch: 10, retries: 1 })).rejects.toMatchObject({ code: 'cli.source_unknown' });
  });
});
