/** Subject and plain text of a message of one part, which is what Cordon sends (RFC 5322, RFC 2045, RFC 2047). */
export function readMail(raw) {
  const end = raw.indexOf('\r\n\r\n');
  const headers = new Map();
  for (const line of raw.slice(0, end).replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const colon = line.indexOf(':');
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { subject: decodeWords(headers.get('subject') ?? ''), text: decode(raw.slice(end + 4), headers.get('content-transfer-encoding')?.toLowerCase()) };
}

function decode(body, encoding) {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  return encoding === 'quoted-printable' ? quotedPrintable(body.replace(/=\r?\n/g, '')) : body;
}

const quotedPrintable = (text) => Buffer.from(text.replace(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString('utf8');

const decodeWords = (text) =>
  text
    .replace(/(\?=)\s+(=\?)/g, '$1$2')
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind, value) => (kind.toLowerCase() === 'b' ? Buffer.from(value, 'base64').toString('utf8') : quotedPrintable(value.replaceAll('_', ' '))));
