/** Type-ahead in the browser: nothing that is typed leaves it before the person asks. */

const UNKNOWN = 2;
const LEAST = 0.33;

const words = text => text.toLowerCase().normalize('NFKD').replace(/[^\p{L}\p{N} ]/gu, '').split(/\s+/).filter(Boolean);

/** Say whether two words differ by at most `most` letters added, left out, exchanged or swapped. */
export function near(one, other, most) {
  if (Math.abs(one.length - other.length) > most) return false;
  let before, last = Array.from({length: other.length + 1}, (_, place) => place);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (one[i - 1] !== other[j - 1]));
      if (before && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    if (Math.min(...row) > most) return false;
    [before, last] = [last, row];
  }
  return last[other.length] <= most;
}

/** Return how well a typed word meets one of a question: whole or begun 1, misspelt after its first letter less. */
function meets(typed, word) {
  if (word.startsWith(typed)) return 1;
  if (typed.length < 4 || word[0] !== typed[0]) return 0;
  return near(typed, word.slice(0, Math.max(typed.length, word.length - 2)), typed.length > 6 ? 2 : 1) ? 0.8 : 0;
}

/** Let the page breathe: each stretch of work stays far below what a person notices. */
const pause = () => new Promise(done => setTimeout(done));

/**
 * Return an async function from what is typed to at most four of the questions. A word weighs more the fewer questions hold it.
 * @param {string[]} questions
 * @param {Object<string, string[]>} also clinical terms that stand in the questions, and what families call them
 */
export async function suggester(questions, also = {}) {
  const known = [];
  const holds = new Map();
  for (const [place, question] of questions.entries()) {
    known.push(new Set(words(question)));
    for (const word of known[place]) {
      if (holds.has(word)) holds.get(word).push(place);
      else holds.set(word, [place]);
    }
    if (place % 64 === 0) await pause();
  }
  const lowered = questions.map(question => question.toLowerCase());
  for (const [term, said] of Object.entries(also)) {
    const places = lowered.flatMap((question, place) => (question.includes(term) ? place : []));
    said.forEach(word => holds.set(word, places));
  }
  await pause();
  const before = new Map();

  /** Return how well a typed word is met by each question that meets it, 0 to 1. */
  const meeting = typed => {
    if (before.has(typed)) return before.get(typed);
    const met = new Map();
    before.set(typed, met);
    for (const [word, places] of holds) {
      const fit = meets(typed, word);
      if (fit) places.forEach(place => met.set(place, Math.max(fit, met.get(place) ?? 0)));
    }
    return met;
  };

  return async text => {
    const typed = [...new Set(words(text))].slice(0, 12);
    if (typed.join('').length < 3) return [];
    const scores = new Map();
    let whole = 0;
    for (const word of typed) {
      await pause();
      const met = meeting(word);
      const weight = met.size ? Math.log(questions.length / met.size) : UNKNOWN;
      whole += weight;
      for (const [place, fit] of met) scores.set(place, (scores.get(place) ?? 0) + weight * fit);
    }
    return [...scores]
      .filter(([, score]) => score >= LEAST * whole)
      .sort((one, other) => other[1] - one[1] || known[one[0]].size - known[other[0]].size)
      .slice(0, 4)
      .map(([place]) => questions[place]);
  };
}
