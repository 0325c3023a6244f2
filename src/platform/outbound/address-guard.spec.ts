import { describe, expect, it } from '@jest/globals';
import { AddressGuard } from './address-guard.js';

const refused = (allow: string[], address: string, host = address, port = 443) => new AddressGuard(allow).refuses(address, { host, port }) !== undefined;

describe('AddressGuard', () => {
  it.each(['8.8.8.8', '2606:4700::1', '64:ff9b::808:808', '::ffff:8.8.8.8'])('lets %s be called', (address) => expect(refused([], address)).toBe(false));

  it.each([
    '127.0.0.1', '127.255.255.254', '::1', '0.0.0.0', '::', '10.0.0.1', '172.16.0.1', '192.168.0.1', 'fd00::1', '100.64.0.1',
    '169.254.169.254', 'fe80::1', 'fe80::1%eth0', 'fd00:ec2::254', '168.63.129.16', '100.100.100.200', '224.0.0.1', 'ff02::1', '255.255.255.255', '240.0.0.1', '192.0.2.1',
    '::ffff:127.0.0.1', '::ffff:169.254.169.254', '::127.0.0.1', '::7f00:1', '::a9fe:a9fe', '64:ff9b::7f00:1', '64:ff9b:1::1', '2002:7f00:1::', '2001::1', 'fec0::1', 'no address',
  ])('refuses %s', (address) => expect(refused([], address)).toBe(true));

  it('is opened by name for private and local ranges, and for those alone', () => {
    expect(refused(['idp.example'], '10.0.0.1', 'IDP.example.')).toBe(false);
    expect(refused(['idp.example'], '127.0.0.1', 'idp.example')).toBe(false);
    expect(['::1', 'fd00:ec2::253', '100.100.100.201'].filter((address) => refused(['idp.example'], address, 'idp.example'))).toEqual([]);
    expect(refused(['idp.example'], '10.0.0.1', 'other.example')).toBe(true);
    expect(refused(['idp.example'], '10.0.0.1', 'sub.idp.example')).toBe(true);
    expect(['169.254.169.254', 'fe80::1', '224.0.0.1', '0.0.0.0', '168.63.129.16', 'fd00:ec2::254', 'fd00:ec2::254%eth0', 'fd20:ce::254', '100.100.100.200', '::ffff:100.100.100.200', '::7f00:1'].filter((address) => !refused(['idp.example'], address, 'idp.example'))).toEqual([]);
  });

  it('is opened by address and range, in whatever form the address comes', () => {
    expect(refused(['10.1.0.0/16'], '10.1.2.3')).toBe(false);
    expect(refused(['10.1.0.0/16'], '::ffff:10.1.2.3')).toBe(false);
    expect(refused(['10.1.0.0/16'], '10.2.2.3')).toBe(true);
    expect(refused(['169.254.169.254'], '169.254.169.254')).toBe(false);
    expect(refused(['fd00::/8'], 'fd12::1')).toBe(false);
    expect(refused(['0.0.0.0/0'], 'fd12::1')).toBe(true);
  });

  it('is opened for one port where the entry names one', () => {
    expect([25, 26].map((port) => refused(['127.0.0.1:25'], '127.0.0.1', '127.0.0.1', port))).toEqual([false, true]);
    expect([25, 26].map((port) => refused(['[::1]:25'], '::1', '::1', port))).toEqual([false, true]);
    expect([25, 26].map((port) => refused(['mail.example:25'], '10.0.0.1', 'mail.example', port))).toEqual([false, true]);
  });

  it.each(['', 'a b', 'http://idp.example', '2130706433', '0x7f.1', '10.0.0.0/33', 'idp.example:0', 'idp.example:99999', '*.example', '::1:25:'])('takes %p for no entry', (entry) =>
    expect(() => new AddressGuard([entry])).toThrow(TypeError),
  );
});
