/** Type-ahead in the browser: nothing that is typed leaves it before the person asks. */

const words = text => text.toLowerCase().normalize('NFKD').replace(/[^\p{L}\p{N} ]/gu, '').split(/\s+/).filter(Boolean);
const COMMON = new Set(('a an and are at be by can do does for from has have how i if in is it my of on or our should ' +
  'that the their to was we what when which who why will with you your child children').split(' '));

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

const meets = (typed, word) =>
  word.startsWith(typed) ? 1 :
  typed.length > 3 && near(typed, word.slice(0, Math.max(typed.length, word.length - 2)), typed.length > 6 ? 2 : 1) ? 0.6 : 0;

/**
 * Return a function from what is typed to at most four of the questions.
 * @param {string[]} questions
 * @param {Object<string, string>} also words that families use, and the term of the questions that they stand for
 */
export function suggester(questions, also = {}) {
  const lay = Object.entries(also);
  const known = questions.map(question => [question, [...words(question),
    ...lay.filter(([, term]) => question.toLowerCase().includes(term)).map(([word]) => word)]]);
  return text => {
    const typed = words(text);
    if (typed.join('').length < 3) return [];
    const weights = typed.map((word, place) => (COMMON.has(word) && place < typed.length - 1 ? 0.1 : 1));
    const least = 0.55 * weights.reduce((sum, weight) => sum + weight, 0);
    return known
      .map(([question, its]) => [
        typed.reduce((sum, word, i) => sum + weights[i] * its.reduce((best, one) => Math.max(best, meets(word, one)), 0), 0) -
          its.length / 100,
        question,
      ])
      .filter(([score]) => score >= least)
      .sort((one, other) => other[0] - one[0])
      .slice(0, 4)
      .map(([, question]) => question);
  };
}
