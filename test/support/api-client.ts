/** An answer of the API; `body` is what JSON it carried, or else its text. */
export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of an answer is what it asserts.
  body: any;
  headers: Headers;
}

export interface Sent {
  key?: string;
  ifMatch?: string | number;
  headers?: Record<string, string>;
  /** Of a deletion. */
  body?: unknown;
}

/** A caller of the API: one token, any route. Faults of the network are thrown, answers of any status returned. */
export interface Client {
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown, sent?: Sent): Promise<Answer>;
  put(path: string, body?: unknown, sent?: Sent): Promise<Answer>;
  patch(path: string, body?: unknown, sent?: Sent): Promise<Answer>;
  delete(path: string, sent?: Sent): Promise<Answer>;
}

/** A client of the service at `url` that shows `token`. */
export const clientOf = (url: string, token?: string): Client => {
  const send = async (
    method: string,
    path: string,
    body?: unknown,
    { key, ifMatch, headers }: Sent = {},
  ): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key && { 'idempotency-key': key }),
        ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /^application\/([\w.-]+\+)?json\b/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
  };
  return {
    get: (path) => send('GET', path),
    post: (path, body, sent) => send('POST', path, body, sent),
    put: (path, body, sent) => send('PUT', path, body, sent),
    patch: (path, body, sent) => send('PATCH', path, body, sent),
    delete: (path, sent) => send('DELETE', path, sent?.body, sent),
  };
};

/** The items of every page of a list. */
export const everyItem = async (client: Client, path: string): Promise<Answer['body'][]> => {
  const items: Answer['body'][] = [];
  let cursor: string | undefined;
  do {
    const page = await client.get(
      `${path}${path.includes('?') ? '&' : '?'}limit=100${cursor ? `&cursor=${cursor}` : ''}`,
    );
    if (page.status !== 200) throw new Error(`GET ${path}: ${page.status} ${JSON.stringify(page.body)}`);
    items.push(...page.body.items);
    cursor = page.body.nextCursor;
  } while (cursor);
  return items;
};
