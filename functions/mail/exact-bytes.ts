import { createHash } from 'node:crypto';

/** As deep as mails are read. */
const DEEPEST = 50;

/** A part of a mail that has no parts of its own, as it stands there. */
interface Leaf {
  encoding: string;
  body: Buffer;
}

/**
 * The very bytes of files: the parser of mails reads by lines, and gives each the same end. What stands in a mail as it
 * is, or as quoted-printable, is looked up there by what it says but for the ends of its lines. In base64 nothing is lost.
 */
export const exactBytes = (raw: Buffer): ((read: Uint8Array) => Uint8Array) => {
  const exact = new Map<string, Buffer[]>();
  for (const { encoding, body } of leavesOf(raw, 0)) {
    if (encoding === 'base64') continue;
    const bytes = encoding === 'quoted-printable' ? unquoted(body) : body;
    const key = essenceOf(bytes);
    const alike = exact.get(key);
    if (alike) alike.push(bytes);
    else exact.set(key, [bytes]);
  }
  return (read) => exact.get(essenceOf(withoutLastEnd(read)))?.shift() ?? read;
};

/** What is left of some bytes without the ends of their lines. */
const essenceOf = (bytes: Uint8Array): string => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return createHash('sha256').update(text.replaceAll('\r', ''), 'latin1').digest('hex');
};

/** The parser ends the last line too, whether it had an end or not. */
const withoutLastEnd = (read: Uint8Array): Uint8Array => (read.at(-1) === 0x0a ? read.subarray(0, -1) : read);

const leavesOf = (raw: Buffer, depth: number): Leaf[] => {
  const { headers, body } = split(raw);
  const type = headers.get('content-type') ?? '';
  const boundary = /^multipart\//i.test(type) ? boundaryOf(type) : undefined;
  if (boundary && depth < DEEPEST) return partsOf(body, boundary).flatMap((part) => leavesOf(part, depth + 1));
  const leaf = { encoding: headers.get('content-transfer-encoding')?.trim().toLowerCase() ?? '7bit', body };
  const isMessage = /^message\/(rfc822|global)\b/i.test(type);
  return isMessage && depth < DEEPEST ? [leaf, ...leavesOf(body, depth + 1)] : [leaf];
};

const boundaryOf = (type: string): string | undefined => {
  const [, quoted, bare] = /;\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;"]+))/i.exec(type) ?? [];
  return quoted ?? bare;
};

/** The headers of a part that say how it is read, and what follows them. */
const split = (raw: Buffer): { headers: Map<string, string>; body: Buffer } => {
  const isHeaderless = raw[0] === 0x0a || (raw[0] === 0x0d && raw[1] === 0x0a);
  const ends = isHeaderless ? [] : [raw.indexOf('\n\n'), raw.indexOf('\n\r\n')].filter((at) => at >= 0);
  const end = isHeaderless ? 0 : ends.length > 0 ? Math.min(...ends) + 1 : raw.length;
  const lines = raw
    .subarray(0, end)
    .toString('latin1')
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/);
  const headers = lines.flatMap((line): [string, string][] => {
    const [, name, value] = /^(content-[a-z-]+)\s*:\s*(.*)$/i.exec(line) ?? [];
    return name ? [[name.toLowerCase(), value ?? '']] : [];
  });
  const body = raw.subarray(end + (raw[end] === 0x0d ? 2 : 1));
  return { headers: new Map(headers.reverse()), body };
};

/** What stands between the lines of a boundary; the end of the line before one belongs to it. */
const partsOf = (body: Buffer, boundary: string): Buffer[] => {
  const mark = Buffer.from(`--${boundary}`, 'latin1');
  const parts: Buffer[] = [];
  let start: number | undefined;
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + mark.length)) {
    const lineEnd = body.indexOf('\n', at);
    const behind = body.subarray(at + mark.length, lineEnd < 0 ? body.length : lineEnd).toString('latin1');
    const boundaryLine = /^(--)?[ \t]*\r?$/.exec(behind);
    if (!boundaryLine || (at > 0 && body[at - 1] !== 0x0a)) continue;
    const isLast = boundaryLine[1] !== undefined;
    if (start !== undefined) parts.push(body.subarray(start, withoutLineEnd(body, start, at)));
    start = lineEnd < 0 || isLast ? undefined : lineEnd + 1;
    if (isLast) break;
  }
  if (start !== undefined) parts.push(body.subarray(start));
  return parts;
};

const withoutLineEnd = (body: Buffer, start: number, at: number): number => {
  const end = at - (body[at - 2] === 0x0d ? 2 : 1);
  return Math.max(start, end);
};

/** Quoted-printable (RFC 2045, 6.7), with the ends of its lines as they are. */
const unquoted = (body: Buffer): Buffer =>
  Buffer.from(
    body
      .toString('latin1')
      .replace(/=\r?\n/g, '')
      .replace(/=([\da-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
