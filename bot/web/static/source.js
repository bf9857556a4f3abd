/** The source view, which opens in place, and the meanings of hard words. */

import {fill, h} from './dom.js';

/** Close the source that is open in an article, and give focus back to its number. Say whether one was open. */
export function closeSource(article, focus = true) {
  const open = article.querySelector('.source');
  if (!open) return false;
  open.opener.setAttribute('aria-expanded', 'false');
  if (focus) open.opener.focus();
  open.remove();
  return true;
}

/** Open the source of a number under the sentence that it stands in, or close it where it is open. */
export function openSource(chat, article, button, source) {
  const again = article.querySelector('.source')?.opener === button;
  closeSource(article, again);
  if (again) return;
  const {words} = chat;
  const heading = h(`h${chat.level + 2}`, {tabindex: -1}, `${fill(words.source, {n: source.number})}: ${source.title}`);
  const facts = [
    [words.publisher, source.publisher || words.unnamed],
    [words.year, source.year ? String(source.year) : words.undated],
    [words.kind, words.types[source.type] || source.type],
    [words.sells, source.commercial ? words.sells_yes : words.sells_no],
  ];
  const panel = h(
    'div',
    {class: source.commercial ? 'source commercial' : 'source', part: 'source', role: 'group', 'aria-live': 'off', dir: chat.words.dir, lang: chat.words.lang},
    heading,
    h('dl', {}, ...facts.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)))),
  );
  panel.setAttribute('aria-label', fill(words.source, {n: source.number}));
  panel.opener = button;
  const block = button.closest('p, li');
  if (block.statement) panel.append(...passageOf(chat, block.statement));
  panel.append(h('div', {class: 'row'},
    source.url ? h('a', {class: 'button', href: source.url, target: '_blank', rel: 'noopener noreferrer nofollow'}, words.original) : '',
    h('button', {type: 'button', class: 'quiet', click: () => closeSource(article)}, words.close_source)));
  if (block.nodeName === 'LI') block.append(panel);
  else block.after(panel);
  button.setAttribute('aria-expanded', 'true');
  heading.focus();
}

/** Return the heading and the text of the passage, its statement marked, filled in when it has come. */
function passageOf(chat, statement) {
  const {words} = chat;
  const text = h('blockquote', {class: 'passage', dir: 'auto'});
  chat.api.passage(statement.passage_id).then(
    passage => {
      text.lang = passage.lang;
      passage.sentences.forEach((sentence, place) => {
        const said = sentence.start === statement.start ? h('mark', {}, sentence.text) : sentence.text;
        text.append(place ? ' ' : '', said);
      });
    },
    () => text.append(words.passage_failed),
  );
  return [h('p', {class: 'label'}, words.passage), text];
}

/** Make each hard word a button that opens its meaning, where it stands first in the statements. */
export function markTerms(chat, article, terms) {
  const seen = new Set();
  for (const {word, definition} of terms) {
    if (seen.has(definition)) continue;
    const found = findWord(article.querySelectorAll('.statement'), word);
    if (!found) continue;
    seen.add(definition);
    const after = found.node.splitText(found.start);
    after.data = after.data.slice(word.length);
    after.before(h('button', {type: 'button', class: 'term', part: 'term', 'aria-haspopup': 'dialog',
      click: event => showMeaning(chat, event.currentTarget, word, definition)}, word));
  }
}

/** Show what a word means beside it; Escape or a click elsewhere closes it, and focus returns to the word. */
function showMeaning(chat, button, word, definition) {
  const {gloss, root} = chat;
  gloss.replaceChildren(h('p', {}, h('strong', {}, word), ' ', definition));
  gloss.setAttribute('aria-label', word);
  gloss.onbeforetoggle = ({newState}) => {
    if (newState === 'closed' && root.activeElement === gloss) button.focus();
  };
  gloss.showPopover();
  const [at, own] = [button.getBoundingClientRect(), gloss.getBoundingClientRect()];
  const below = at.bottom + own.height + 8 < innerHeight;
  gloss.style.top = `${below ? at.bottom + 4 : Math.max(8, at.top - own.height - 4)}px`;
  gloss.style.left = `${Math.max(8, Math.min(at.left, innerWidth - own.width - 8))}px`;
  gloss.focus({preventScroll: true});
}

/** Return the text node and place where a word stands whole and first, outside buttons. */
function findWord(paragraphs, word) {
  for (const paragraph of paragraphs)
    for (const node of paragraph.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE) continue;
      const start = ` ${node.data} `.search(new RegExp(`[^\\p{L}\\p{N}]${word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}[^\\p{L}\\p{N}]`, 'u'));
      if (start >= 0) return {node, start};
    }
  return null;
}
