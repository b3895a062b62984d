import ipaddr from 'ipaddr.js';

/** What is given out for the internet's hosts so far (RFC 4291, 2.4); all other IPv6 is something else, or not yet anything. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

/**
 * Whether an IP address belongs to a host on the public internet. Everything with a special purpose is none: loopback,
 * private and link-local networks (and with them the cloud's metadata services), multicast, documentation, and IPv6
 * forms that carry an IPv4 address through a gateway. An IPv4-mapped address is judged by the address in it.
 */
export const isPublicAddress = (text: string): boolean => {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  return address.range() === 'unicast' && (address.kind() === 'ipv4' || address.match(GLOBAL_UNICAST));
};
