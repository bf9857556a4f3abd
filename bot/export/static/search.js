// The search of an exported site: reads search.json whole, ranks by rarity, builds results as text. No dependency.
// @ts-check

/** @typedef {{questions: [string, string, string][], words: Record<string, number[]>}} Index */

const MOST = 12;

/** @param {string} text @returns {string[]} */
function split(text) {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/**
 * Rank questions: a word counts by its rarity and by where it stands; its beginning counts half.
 * @param {Index} index @param {string} query @returns {number[]}
 */
function search(index, query) {
  /** @type {Map<number, number>} */
  const scores = new Map();
  const total = index.questions.length;
  for (const asked of new Set(split(query))) {
    /** @type {Map<number, number>} */
    const best = new Map();
    for (const word of Object.keys(index.words)) {
      const whole = word === asked;
      const begins = asked.length > 2 && (word.startsWith(asked) || (word.length > 3 && asked.startsWith(word)));
      if (!whole && !begins) continue;
      const places = index.words[word];
      const rarity = Math.log(1 + total / (places.length / 2));
      for (let at = 0; at < places.length; at += 2) {
        const score = rarity * places[at + 1] * (whole ? 1 : 0.5);
        best.set(places[at], Math.max(best.get(places[at]) ?? 0, score));
      }
    }
    for (const [place, score] of best) scores.set(place, (scores.get(place) ?? 0) + score);
  }
  return [...scores].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, MOST).map(([place]) => place);
}

/** @returns {Promise<Index>} */
async function load() {
  try {
    const answer = await fetch("search.json");
    return await answer.json();
  } catch {
    // A page opened from a disk may fetch nothing, but may run a script beside it.
    await new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = "search-index.js";
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    });
    return /** @type {any} */ (globalThis).careleafIndex;
  }
}

/** @param {Index} index @param {string} query */
function show(index, query) {
  const region = /** @type {HTMLElement} */ (document.getElementById("results"));
  const found = search(index, query);
  const list = document.createElement("ol");
  for (const place of found) {
    const [heading, address, first] = index.questions[place];
    const link = document.createElement("a");
    link.href = address;
    link.textContent = heading;
    const text = document.createElement("p");
    text.textContent = first;
    const item = document.createElement("li");
    item.append(link, text);
    list.append(item);
  }
  const none = document.createElement("p");
  none.textContent = region.dataset.none ?? "";
  region.replaceChildren(found.length ? list : none);
}

const form = /** @type {HTMLFormElement} */ (document.getElementById("search"));
const box = /** @type {HTMLInputElement} */ (form.elements.namedItem("q"));

async function answer() {
  if (box.value.trim()) show(await load(), box.value);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  answer();
});
box.value = new URLSearchParams(location.search).get("q") ?? "";
answer();
