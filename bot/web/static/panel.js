/** What the component consists of: drawn once, whole, from the words of the catalogue. */

import {h, icon} from './dom.js';

const ICONS = {
  close: 'M5.5 4 12 10.5 18.5 4 20 5.5 13.5 12l6.5 6.5-1.5 1.500L12 13.5 5.5 20 4 18.5 10.5 12 4 5.500Z',
  sheet: 'M5 2h10l4 4v16H5Zm2 2v16h10V7h-3V4Zm2 6h6v2H9Zm0 4h6v2H9Z',
  forget: 'M9 2h6v2h5v2H4V4h5ZM6 8h12l-1 14H7Zm3 2 .5 10H11V10Zm4 0v10h1.500L15 10Z',
};

/** Draw the panel into the component's shadow root, and give the chat its parts by name. */
export function drawPanel(chat) {
  const {words, element} = chat;
  const root = element.shadowRoot || element.attachShadow({mode: 'open'});
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(chat.css);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  const title = element.getAttribute('heading') || words.title;
  const act = (name, text, click, brief = text) =>
    h('button', {type: 'button', class: `act ${name}`, part: name, click}, icon(ICONS[name]),
      h('span', {class: 'full'}, text), h('span', {class: 'brief'}, brief));

  chat.heading = h('h2', {id: 'title', tabindex: -1}, title);
  chat.opening = h('div', {class: 'opening', part: 'opening'},
    h('p', {class: 'intro'}, words.page.intro),
    h('p', {class: 'danger'}, words.page.emergency_line));
  const starters = h('div', {class: 'starters'}, h(`h${chat.level + 1}`, {}, words.page.starters), h('ul', {}, ...words.starters.map(text =>
    h('li', {}, h('button', {type: 'button', class: 'choice', part: 'choice', click: () => chat.choose(text)}, text)))));
  chat.earlier = h('button', {type: 'button', class: 'quiet earlier', hidden: true, click: () => chat.showEarlier()}, words.earlier);
  chat.log = h('div', {role: 'log', class: 'log', part: 'log', 'aria-live': 'polite', 'aria-label': words.conversation});
  chat.input = h('textarea', {id: 'question', part: 'input', rows: 1, maxlength: 4000, autocomplete: 'off', 'aria-describedby': 'refusal'});
  chat.refusal = h('p', {id: 'refusal', class: 'refusal', hidden: true});
  chat.list = h('ul', {class: 'suggested', part: 'suggestions', hidden: true, 'aria-label': words.suggestions});
  chat.status = h('p', {role: 'status', class: 'sr'});
  chat.form = h('form', {class: 'composer', part: 'composer', novalidate: true},
    h('label', {for: 'question'}, words.page.label),
    h('div', {class: 'line'}, chat.input, h('button', {type: 'submit', class: 'send', part: 'send'}, words.page.ask)),
    chat.refusal, chat.list,
    h('div', {class: 'acts'},
      act('sheet', words.appointment, () => chat.openSheet(), words.appointment_brief),
      act('forget', words.forget, () => chat.forget(), words.forget_brief),
      h('a', {class: 'act', part: 'person', href: element.getAttribute('person') || new URL(words.person_url, element.server),
        target: chat.layout === 'page' ? null : '_blank'}, words.person)),
    h('p', {class: 'privacy'}, words.page.privacy));
  chat.talk = h('div', {class: 'talk'}, h('div', {class: 'scroll'}, chat.opening, chat.earlier, chat.log), chat.form);
  if (chat.layout === 'page') chat.talk.append(starters);
  else chat.opening.append(starters);
  chat.gloss = h('div', {class: 'gloss', part: 'gloss', popover: 'auto', role: 'dialog', tabindex: -1});
  const bar = h('div', {class: 'bar', part: 'bar'}, chat.heading);
  if (chat.layout === 'launcher') bar.append(act('close', words.close, () => chat.toggle(false)));
  chat.view = h('section', {class: 'view', part: 'panel', 'aria-labelledby': 'title'}, bar, chat.talk, chat.status, chat.gloss);
  if (chat.layout === 'page') {
    bar.remove();
    chat.view.removeAttribute('aria-labelledby');
    chat.view.setAttribute('aria-label', words.conversation);
  }
  if (chat.layout === 'launcher') {
    chat.view.setAttribute('popover', 'manual');
    chat.view.addEventListener('keydown', event => {
      if (event.key === 'Escape' && !chat.gloss.matches(':popover-open')) chat.toggle(false);
    });
  }
  root.append(h('div', {class: `root ${chat.layout}`, lang: words.lang, dir: words.dir}, chat.view));
  chat.root = root;
}
