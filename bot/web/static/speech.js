/** Reads an answer aloud with the browser's own voice, each part in its language. */

/**
 * Read what an answer says, without its sources and choices; stop where it is being read.
 * @returns {boolean} whether it is being read now
 */
export function readAloud(content, silent) {
  const speaking = speechSynthesis.speaking;
  speechSynthesis.cancel();
  if (speaking) return false;
  const said = [...content.querySelectorAll('p, .calls li')].filter(one => !one.closest('.sources, .source, .review'));
  const spoken = said.map(one => {
    const text = one.cloneNode(true);
    text.querySelectorAll('.cite').forEach(number => number.remove());
    return Object.assign(new SpeechSynthesisUtterance(text.textContent), {lang: one.closest('[lang]').lang});
  });
  spoken.at(-1).onend = silent;
  spoken.forEach(one => {
    one.onerror = silent;
    speechSynthesis.speak(one);
  });
  return true;
}
