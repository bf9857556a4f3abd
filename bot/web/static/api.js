/** What is asked of Careleaf's server: without cookies, without saying which page it comes from. */

/** Return load, post and passage for a server's address. */
export function connect(server) {
  const passages = new Map();

  /** Return what stands under a path, as `form`: json or text. */
  const load = async (path, form = 'json') => {
    const response = await fetch(new URL(path, server), {credentials: 'omit', referrerPolicy: 'no-referrer'});
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response[form]();
  };

  /** Send to the API; throw an error with the status and what the server says where it does not accept. */
  const post = async (path, body) => {
    const response = await fetch(new URL(`api/v1/${path}`, server), {
      method: 'POST', credentials: 'omit', referrerPolicy: 'no-referrer',
      headers: {'content-type': 'application/json'}, body: JSON.stringify(body),
    });
    if (response.ok) return response.json();
    const problem = await response.json().catch(() => ({}));
    throw Object.assign(new Error(problem.detail), {status: response.status});
  };

  /** Return a passage with its sentences and hard words, fetched once. */
  const passage = id => {
    if (!passages.has(id)) {
      const found = load(`api/v1/passages/${encodeURIComponent(id)}`);
      found.catch(() => passages.delete(id));
      passages.set(id, found);
    }
    return passages.get(id);
  };

  return {load, post, passage, forget: () => passages.clear()};
}
