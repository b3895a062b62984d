import type { ServerResponse } from 'node:http';
import PostalMime, { type Address, type Email } from 'postal-mime';
import type { Outbox, Posted } from './outbox.ts';

/** Where the mails that have left can be looked at. */
export const MAIL_PAGE = '/dev/mail';

const MOST = 200;

/** Nothing that a mail brings along may run, load or leave. */
const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'";
const MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";

const STYLE = `
  body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1b1b1b; }
  table { border-collapse: collapse; width: 100%; } th { text-align: left; font-weight: 600; }
  th, td { padding: .35rem .6rem; border-bottom: 1px solid #ddd; vertical-align: top; overflow-wrap: anywhere; }
  table.head th { width: 11rem; } pre { background: #f6f6f6; padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
  td:first-child { white-space: nowrap; } iframe { width: 100%; height: 16rem; border: 1px solid #ccc; background: #fff; } .few { color: #666; }`;

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title><style>${STYLE}</style>${body}`;

const listed = (mails: readonly (Posted & { readable: string })[]): string =>
  page(
    'Mail that has left',
    `<h1>Mail that has left</h1>${
      mails.length === 0
        ? '<p class="few">None yet.</p>'
        : `<table><tr><th>Sent<th>From<th>To<th>Subject${mails
            .map(({ messageId, sentAt, from, to, cc, bcc, readable }) => {
              const receivers = [...to, ...cc, ...bcc].join(', ');
              const link = `<a href="${MAIL_PAGE}/${encodeURIComponent(messageId)}">${escaped(readable || '(none)')}</a>`;
              return `<tr><td>${escaped(sentAt)}<td>${escaped(from)}<td>${escaped(receivers)}<td>${link}`;
            })
            .join('')}</table>`
    }`,
  );

const shown = ({ messageId, bcc }: Posted, mail: Email): string => {
  const at = `${MAIL_PAGE}/${encodeURIComponent(messageId)}`;
  const rows = [
    ...mail.headers.map(({ originalKey, key, value }): [string, string] => [
      originalKey || key,
      readable(key, value, mail),
    ]),
    ...(bcc.length > 0 ? [['Bcc (envelope)', bcc.join(', ')] satisfies [string, string]] : []),
  ];
  const files = mail.attachments.map(
    ({ filename, mimeType }, n) =>
      `<li><a href="${at}/files/${n}">${escaped(filename ?? `file ${n + 1}`)}</a> ${escaped(mimeType)}`,
  );
  return page(
    mail.subject ?? 'A mail',
    `<p><a href="${MAIL_PAGE}">All mails</a> · <a href="${at}/raw">as it arrived</a>
    <h1>${escaped(mail.subject ?? '(no subject)')}</h1>
    <table class="head">${rows.map(([name, value]) => `<tr><th>${escaped(name)}<td>${escaped(value)}`).join('')}</table>
    <h2>Text</h2><pre>${escaped(mail.text ?? '(none)')}</pre>
    ${mail.html ? `<h2>HTML</h2><iframe sandbox src="${at}/html" title="The mail as HTML"></iframe>` : ''}
    ${files.length > 0 ? `<h2>Files</h2><ul>${files.join('')}</ul>` : ''}`,
  );
};

/** Headers as people read them, where the parser has decoded them. */
const readable = (key: string, value: string, mail: Email): string => {
  if (key === 'subject') return mail.subject ?? value;
  if (key === 'from') return written(mail.from ? [mail.from] : []);
  if (key === 'to') return written(mail.to ?? []);
  if (key === 'cc') return written(mail.cc ?? []);
  return value;
};

const written = (addresses: readonly Address[]): string =>
  addresses.map(({ name, address = '' }) => (name ? `${name} <${address}>` : address)).join(', ');

/** Answers `/dev/mail` and what is below it; false for any other path. */
export function mailPage(outbox: Outbox) {
  return async (path: string, response: ServerResponse): Promise<boolean> => {
    if (path !== MAIL_PAGE && !path.startsWith(`${MAIL_PAGE}/`)) return false;
    const answer = (status: number, type: string, body: string | Buffer, headers = {}): true => {
      const safe = {
        'content-security-policy': PAGE_POLICY,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      };
      response.writeHead(status, { 'content-type': type, ...safe, ...headers }).end(body);
      return true;
    };
    const html = (body: string, headers = {}) => answer(200, 'text/html; charset=utf-8', body, headers);
    const [messageId = '', part, n] = path.slice(MAIL_PAGE.length + 1).split('/');
    if (!messageId) {
      const mails = outbox.latest(MOST).map(async (posted) => {
        const { subject = '' } = await PostalMime.parse(`Subject: ${posted.subject}\r\n\r\n`);
        return { ...posted, readable: subject };
      });
      return html(listed(await Promise.all(mails)));
    }
    const found = outbox.find(messageId);
    if (!found) return answer(404, 'text/plain', 'There is no such mail.');
    if (part === 'raw') return answer(200, 'text/plain; charset=utf-8', found.mail);
    const mail = await PostalMime.parse(found.mail);
    if (part === undefined) return html(shown(found.posted, mail));
    if (part === 'html') return html(mail.html ?? '', { 'content-security-policy': MAIL_POLICY });
    const file = part === 'files' ? mail.attachments[Number(n)] : undefined;
    if (!file) return answer(404, 'text/plain', 'There is no such part.');
    const name = encodeURIComponent((file.filename ?? 'file').toWellFormed());
    const saved = { 'content-disposition': `attachment; filename*=UTF-8''${name}` };
    const content =
      typeof file.content === 'string' ? Buffer.from(file.content) : Buffer.from(new Uint8Array(file.content));
    return answer(200, 'application/octet-stream', content, saved);
  };
}
