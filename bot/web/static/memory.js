/** The conversation of this tab. It lives in sessionStorage, and nowhere else. */

const KEY = 'careleaf';
const EMPTY = () => ({turns: [], own: [], left: [], notes: ''});

/** Return the conversation: turns ({question, answer}), own questions, what the appointment page leaves out, notes. */
export function recall() {
  try {
    return {...EMPTY(), ...JSON.parse(sessionStorage.getItem(KEY))};
  } catch {
    return EMPTY();
  }
}

/** Keep the conversation; where the browser keeps nothing (full, or switched off), it lives until the page is left. */
export function keep(memory) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(memory));
  } catch { /* The conversation goes on without. */ }
}

/** Leave no trace. */
export function forget() {
  try {
    sessionStorage.removeItem(KEY);
  } catch { /* Nothing was kept. */ }
  return EMPTY();
}
