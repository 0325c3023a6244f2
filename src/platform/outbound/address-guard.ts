import ipaddr from 'ipaddr.js';
import { parseAllowEntry, type AllowEntry } from '../../config/index.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Addresses outside the link-local range at which clouds serve the credentials of a machine: Azure, AWS, Google, Alibaba. */
const METADATA = new Set(['168.63.129.16', 'fd00:ec2::254', 'fd20:ce::254', '100.100.100.200']);

/** Ranges that a name in the allow-list opens. The others hold no server that has a name: metadata services, groups, unrouted space. */
const OPENED_BY_NAME: ReadonlySet<string> = new Set(['private', 'loopback', 'uniqueLocal', 'carrierGradeNat']);

/** Which addresses may be called. Public ones may; every other one only if the allow-list says so. */
export class AddressGuard {
  private readonly entries: readonly AllowEntry[];

  /** @param allow entries as in `outbound.allow` */
  constructor(allow: readonly string[]) {
    this.entries = allow.map((text) => {
      const entry = parseAllowEntry(text);
      if (!entry) throw new TypeError(`'${text}' is no entry of an allow-list`);
      return entry;
    });
  }

  /**
   * Why an address may not be called, or undefined. IPv4 inside IPv6 (mapped, NAT64) is judged as what it is.
   * @param host the name it was found under, or the address itself
   */
  refuses(address: string, { host, port }: { readonly host: string; readonly port: number }): string | undefined {
    if (!ipaddr.isValid(address)) return `'${address}' is no address`;
    const parsed = unwrap(ipaddr.parse(address));
    const range = rangeOf(parsed);
    if (range === 'unicast') return undefined;
    const name = host.toLowerCase().replace(/\.$/, '');
    const fits = this.entries.some((entry) => {
      if (entry.port !== undefined && entry.port !== port) return false;
      if (entry.host !== undefined) return entry.host === name && OPENED_BY_NAME.has(range);
      return entry.range !== undefined && contains(entry.range, parsed);
    });
    return fits ? undefined : `${parsed.toString()} is in a range that is not called (${range})`;
  }
}

/** IPv4-compatible addresses (RFC 4291 §2.5.5.1, deprecated) would be public ones to the library. */
function rangeOf(address: Address): string {
  if (METADATA.has(address.toString().replace(/%.*$/, ''))) return 'metadata';
  const range = address.range();
  return range === 'unicast' && address instanceof ipaddr.IPv6 && address.match(IPV4_COMPATIBLE) ? 'ipv4Compatible' : range;
}

function contains([network, bits]: readonly [Address, number], address: Address): boolean {
  const plain = unwrap(network);
  return plain.kind() === address.kind() && plain.kind() === network.kind() && address.match(plain, bits);
}

const IPV4_COMPATIBLE = ipaddr.IPv6.parseCIDR('::/96');
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

function unwrap(address: Address): Address {
  if (!(address instanceof ipaddr.IPv6)) return address;
  const bytes = address.toByteArray();
  const embedded = () => ipaddr.fromByteArray(bytes.slice(12)) as ipaddr.IPv4;
  if (address.range() === 'ipv4Mapped' || address.match(NAT64)) return embedded();
  return address;
}
