/** One answer of the conversation: its sentences, and what a person can do with them. */

import {fill, h, icon, readAnswer} from './dom.js';
import {printNodes} from './print.js';
import {closeSource, markTerms, openSource} from './source.js';
import {readAloud} from './speech.js';

const TOOLS = {
  copy: 'M8 2h12v15h-3v-2h1V4h-8v1H8ZM4 7h11v15H4Zm2 2v11h7V9Z',
  print: 'M7 2h10v5H7ZM3 8h18v9h-4v5H7v-5H3Zm6 6v6h6v-6Z',
  link: 'M10 7H7a5 5 0 0 0 0 10h3v-2H7a3 3 0 0 1 0-6h3Zm4 0v2h3a3 3 0 0 1 0 6h-3v2h3a5 5 0 0 0 0-10ZM8 11h8v2H8Z',
  read_aloud: 'M3 9v6h4l6 5V4L7 9ZM15 7.5v9c2-.8 3.5-2.5 3.5-4.500S17 8.3 15 7.500Z',
};

/**
 * Return the article of an answer, whole, ready to be put into the log once.
 * @param {Chat} chat
 */
export function showAnswer(chat, answer, number) {
  const {words} = chat;
  const content = h('div', {class: 'content', lang: answer.lang, dir: 'auto'}, readAnswer(answer.html, chat.level + 2));
  const article = h(
    'article',
    {class: `turn said ${answer.kind}`, part: `answer ${answer.kind}`, tabindex: -1, 'aria-labelledby': `a${number}`},
    h(`h${chat.level + 1}`, {id: `a${number}`, class: 'sr'}, fill(words.answer, {n: number})),
    content,
  );
  content.querySelectorAll('.statement').forEach((paragraph, place) => {
    paragraph.statement = answer.statements[place];
  });
  content.querySelectorAll('.cite a').forEach(link => {
    const source = answer.citations[link.textContent - 1];
    const button = h('button', {type: 'button', class: 'cite', part: 'citation', 'aria-expanded': 'false',
      'aria-label': fill(words.source, {n: source.number}),
      click: () => openSource(chat, article, button, source)}, h('span', {}, String(source.number)));
    link.replaceWith(button);
  });
  content.querySelectorAll('.choices a').forEach(link => {
    const text = link.textContent;
    link.replaceWith(h('button', {type: 'button', class: 'choice', part: 'choice', click: () => chat.choose(text)}, text));
  });
  content.querySelectorAll('.sources a').forEach(link => link.setAttribute('target', '_blank'));
  if (answer.link) article.append(tools(chat, answer, content));
  if (!/emergency|clarify/.test(answer.kind)) article.append(feedback(chat, answer, number));
  article.addEventListener('keydown', event => {
    if (event.key === 'Escape' && closeSource(article)) event.stopPropagation();
  });
  explain(chat, article, answer);
  return article;
}

/** Fetch the passages for the source view, and mark hard words once the answer has been announced. */
async function explain(chat, article, answer) {
  const ids = [...new Set(answer.statements.map(one => one.passage_id))];
  const found = Promise.all(ids.map(id => chat.api.passage(id).catch(() => null)));
  await new Promise(done => setTimeout(done, 1000));
  // From here on nothing in this article is news: what opens in it is reached by focus, not announced.
  article.setAttribute('aria-live', 'off');
  markTerms(chat, article, (await found).flatMap(passage => passage?.terms ?? []));
}

function tools(chat, answer, content) {
  const {words} = chat;
  const tool = (name, act) =>
    h('button', {type: 'button', class: 'tool', part: 'tool', click: act}, icon(TOOLS[name]), h('span', {}, words[name]));
  const link = new URL(answer.link.slice(1), chat.element.server).href;
  const row = h(
    'div',
    {class: 'tools', part: 'tools', 'aria-live': 'off'},
    tool('copy', () => copy(chat, answer.text || content.innerText, words.copied, row)),
    tool('print', () => printNodes(chat, [h('h1', {}, answer.question), content.cloneNode(true)])),
    tool('link', () => copy(chat, link, words.linked, row, link)),
  );
  if ('speechSynthesis' in window) {
    const button = tool('read_aloud', () => {
      const label = button.lastChild;
      const silent = () => (label.textContent = words.read_aloud);
      label.textContent = readAloud(content, silent) ? words.stop : words.read_aloud;
    });
    row.append(button);
  }
  return row;
}

/** Copy a text; where the browser does not allow it, a link is shown to be copied by hand. */
async function copy(chat, text, done, row, link) {
  try {
    await navigator.clipboard.writeText(text);
    chat.say(done);
  } catch { /* Not allowed here. */ }
  if (link && !row.querySelector('a')) row.append(h('a', {href: link, class: 'kept'}, chat.words.link_here));
}

function feedback(chat, answer, number) {
  const {words} = chat;
  const box = h('div', {class: 'feedback', part: 'feedback', role: 'group', 'aria-labelledby': `f${number}`, 'aria-live': 'off'});
  const send = (helpful, reason = null) => {
    chat.api.post('feedback', {
      answer_id: answer.answer_id,
      corpus_version: answer.corpus_version,
      passage_ids: [...new Set(answer.statements.map(one => one.passage_id))],
      helpful,
      reason,
    }).catch(() => {});
    const thanks = h('p', {tabindex: -1}, words.thanks);
    box.replaceChildren(thanks);
    box.removeAttribute('aria-labelledby');
    thanks.focus();
  };
  const button = (text, act) => h('button', {type: 'button', class: 'quiet', click: act}, text);
  const ask = (text, ...buttons) => {
    const question = h('p', {id: `f${number}`, tabindex: -1}, text);
    box.replaceChildren(question, ...buttons);
    return question;
  };
  ask(
    words.helpful,
    button(words.helpful_yes, () => send(true)),
    button(words.helpful_no, () =>
      ask(words.why, ...Object.entries(words.reasons).map(([name, text]) => button(text, () => send(false, name)))).focus()),
  );
  return box;
}
