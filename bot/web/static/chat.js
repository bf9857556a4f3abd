/** The conversation: one component, on the page and inside other sites. Loaded by widget.js when it is opened. */

import {showAnswer} from './answer.js';
import {fill, h, icon} from './dom.js';
import {forget, keep, recall} from './memory.js';

const SLOW = 1000;
const LEAST_TYPED = 300;
const ICONS = {
  close: 'M5.5 4 12 10.5 18.5 4 20 5.5 13.5 12l6.5 6.5-1.5 1.500L12 13.5 5.5 20 4 18.5 10.5 12 4 5.500Z',
  sheet: 'M5 2h10l4 4v16H5Zm2 2v16h10V7h-3V4Zm2 6h6v2H9Zm0 4h6v2H9Z',
  forget: 'M9 2h6v2h5v2H4V4h5ZM6 8h12l-1 14H7Zm3 2 .5 10H11V10Zm4 0v10h1.500L15 10Z',
};

/** Load the words and the style, and put the component into its element. */
export async function start(element) {
  const load = async (path, form) => {
    const response = await fetch(new URL(path, element.server), {credentials: 'omit'});
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return response[form]();
  };
  const query = new URLSearchParams({lang: element.language, topic: element.getAttribute('topic') || ''});
  const [words, css] = await Promise.all([load(`widget/words.json?${query}`, 'json'), load('widget/style.css', 'text')]);
  return new Chat(element, words, css, load);
}

export class Chat {
  /** @param {HTMLElement} element @param {object} words @param {string} css @param {Function} load */
  constructor(element, words, css, load) {
    Object.assign(this, {element, words, css, load});
    this.layout = element.getAttribute('layout') || 'launcher';
    this.level = this.layout === 'page' ? 1 : 2;
    this.passages = new Map();
    this.memory = recall();
    this.build();
    this.memory.turns.forEach((turn, place) => this.addTurn(turn.question, turn.answer, place + 1));
    if (this.layout === 'page') this.takeOver();
  }

  build() {
    const {words, element} = this;
    const root = element.shadowRoot || element.attachShadow({mode: 'open'});
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(this.css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    const title = element.getAttribute('heading') || words.title;
    const act = (name, text, click, brief = text) =>
      h('button', {type: 'button', class: `act ${name}`, part: name, click}, icon(ICONS[name]),
        h('span', {class: 'full'}, text), h('span', {class: 'brief'}, brief));

    this.heading = h('h2', {id: 'title', tabindex: -1}, title);
    this.opening = h('div', {class: 'opening', part: 'opening'},
      h('p', {class: 'intro'}, words.page.intro),
      h('p', {class: 'danger'}, words.page.emergency_line));
    const starters = h('div', {class: 'starters'}, h(`h${this.level + 1}`, {}, words.page.starters), h('ul', {}, ...words.starters.map(text =>
      h('li', {}, h('button', {type: 'button', class: 'choice', part: 'choice', click: () => this.choose(text)}, text)))));
    this.earlier = h('button', {type: 'button', class: 'quiet earlier', hidden: true, click: () => this.showEarlier()}, words.earlier);
    this.log = h('div', {role: 'log', class: 'log', part: 'log', 'aria-live': 'polite', 'aria-label': words.conversation});
    this.input = h('textarea', {id: 'question', part: 'input', rows: 1, maxlength: 4000, autocomplete: 'off', 'aria-describedby': 'refusal'});
    this.refusal = h('p', {id: 'refusal', class: 'refusal', hidden: true});
    this.list = h('ul', {class: 'suggested', part: 'suggestions', hidden: true, 'aria-label': words.suggestions});
    this.status = h('p', {role: 'status', class: 'sr'});
    this.form = h('form', {class: 'composer', part: 'composer', novalidate: true},
      h('label', {for: 'question'}, words.page.label),
      h('div', {class: 'line'}, this.input, h('button', {type: 'submit', class: 'send', part: 'send'}, words.page.ask)),
      this.refusal, this.list,
      h('div', {class: 'acts'},
        act('sheet', words.appointment, () => this.openSheet(), words.appointment_brief),
        act('forget', words.forget, () => this.forget(), words.forget_brief),
        h('a', {class: 'act', part: 'person', href: element.getAttribute('person') || new URL(words.person_url, element.server),
          target: this.layout === 'page' ? null : '_blank'}, words.person)),
      h('p', {class: 'privacy'}, words.page.privacy));
    this.talk = h('div', {class: 'talk'}, h('div', {class: 'scroll'}, this.opening, this.earlier, this.log), this.form);
    if (this.layout === 'page') this.talk.append(starters);
    else this.opening.append(starters);
    this.gloss = h('div', {class: 'gloss', part: 'gloss', popover: 'auto', role: 'dialog', tabindex: -1});
    const bar = h('div', {class: 'bar', part: 'bar'}, this.heading);
    if (this.layout === 'launcher') bar.append(act('close', words.close, () => this.toggle(false)));
    this.view = h('section', {class: 'view', part: 'panel', 'aria-labelledby': 'title'}, bar, this.talk, this.status, this.gloss);
    if (this.layout === 'page') {
      bar.remove();
      this.view.removeAttribute('aria-labelledby');
      this.view.setAttribute('aria-label', words.conversation);
    }
    if (this.layout === 'launcher') {
      this.view.setAttribute('popover', 'manual');
      this.view.addEventListener('keydown', event => {
        if (event.key === 'Escape' && !this.gloss.matches(':popover-open')) this.toggle(false);
      });
    }
    root.append(h('div', {class: `root ${this.layout}`, lang: words.lang, dir: words.dir}, this.view));
    this.root = root;

    this.form.addEventListener('submit', event => {
      event.preventDefault();
      this.ask(this.input.value);
    });
    this.input.addEventListener('keydown', event => this.onKey(event));
    this.input.addEventListener('input', () => this.onInput());
    this.showState();
  }

  /** On the page the component takes the place of the form that works without it, and of what it showed. */
  takeOver() {
    const [asked, box] = [this.element.getAttribute('question'), this.element.querySelector('textarea')];
    if (box && !asked) this.input.value = box.value;
    if (box === document.activeElement) this.input.focus();
    this.element.replaceChildren();
    if (!asked) return;
    history.replaceState(null, '', location.pathname);
    if (this.memory.turns.at(-1)?.question !== asked) this.ask(asked);
  }

  /** Open or close the panel of the launcher; focus goes in with the person and comes back with them. */
  toggle(open = !this.view.matches(':popover-open')) {
    this.element.button.setAttribute('aria-expanded', String(open));
    if (open) this.view.showPopover();
    else this.view.hidePopover();
    (open ? this.input : this.element.button).focus();
  }

  onKey(event) {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.ask(this.input.value);
    }
    if (event.key === 'Escape' && !this.list.hidden) {
      event.stopPropagation();
      this.suggest([]);
    }
    // One step back from the input is the start of the newest answer, not its last link.
    const newest = this.log.lastElementChild;
    if (event.key === 'Tab' && event.shiftKey && newest) {
      event.preventDefault();
      newest.focus();
    }
  }

  onInput() {
    this.refuse('');
    if (!this.input.value) this.suggest([]);
    clearTimeout(this.typed);
    this.typed = setTimeout(async () => {
      this.suggester ??= Promise.all([import('./suggest.js'), this.load('widget/questions.json', 'json')])
        .then(([module, {questions, also}]) => module.suggester(questions, also));
      const typed = this.input.value;
      const found = await (await this.suggester.catch(() => () => []))(typed);
      if (typed && typed === this.input.value) this.suggest(found);
    }, LEAST_TYPED);
  }

  /** Show questions that the corpus can answer under the input, each a button. */
  suggest(questions) {
    this.list.replaceChildren(...questions.map(text =>
      h('li', {}, h('button', {type: 'button', class: 'choice', click: () => this.choose(text)}, text))));
    this.list.hidden = !questions.length;
    this.say(questions.length ? fill(this.words.suggested, {n: questions.length}) : '');
  }

  /** Ask one of the questions offered. Focus goes to the input; on a touch screen, where that opens the keyboard, to the question. */
  choose(text) {
    const touch = matchMedia('(pointer: coarse)').matches;
    if (!touch) this.input.focus();
    const article = this.ask(text);
    if (touch) article?.focus();
  }

  /** Ask, and return the article of the question; focus stays where it is. */
  ask(text) {
    const question = text.trim();
    clearTimeout(this.typed);
    this.suggest([]);
    if (!question) return void this.refuse(this.words.empty);
    if (this.asking) return undefined;
    this.input.value = '';
    const number = this.memory.turns.length + 1;
    const article = this.showQuestion(question, number);
    this.log.append(article);
    this.showState();
    this.bringToTop(article);
    this.send(question, number);
    return article;
  }

  async send(question, number) {
    this.asking = true;
    const slow = setTimeout(() => {
      this.log.setAttribute('aria-busy', 'true');
      this.say(this.words.busy);
    }, SLOW);
    try {
      const answer = await this.fetchAnswer(question);
      this.quiet(slow);
      // The text and the Markdown say what the HTML says; the tab keeps it once.
      this.memory.turns.push({question, answer: {...answer, text: '', markdown: ''}});
      keep(this.memory);
      this.log.querySelector('.failed')?.remove();
      this.giveAnswer(answer, number);
    } catch (problem) {
      this.quiet(slow);
      this.fail(problem, question, number);
    }
    this.asking = false;
  }

  quiet(slow) {
    clearTimeout(slow);
    if (this.log.getAttribute('aria-busy')) this.say('');
    this.log.removeAttribute('aria-busy');
  }

  async fetchAnswer(question) {
    const body = {question, lang: this.words.lang};
    const context = [...new Set(this.memory.turns.at(-1)?.answer.statements.map(one => one.passage_id))];
    return this.post('ask', context.length ? {...body, context} : body);
  }

  /** Send to the API; throw an error with the status and what the server says where it does not accept. */
  async post(path, body) {
    const response = await fetch(new URL(`api/v1/${path}`, this.element.server), {
      method: 'POST', credentials: 'omit', referrerPolicy: 'no-referrer',
      headers: {'content-type': 'application/json'}, body: JSON.stringify(body),
    });
    if (response.ok) return response.json();
    const problem = await response.json().catch(() => ({}));
    throw Object.assign(new Error(problem.detail), {status: response.status});
  }

  /** Return a passage with its sentences and hard words, fetched once. */
  passage(id) {
    if (!this.passages.has(id)) {
      const found = this.load(`api/v1/passages/${encodeURIComponent(id)}`, 'json');
      found.catch(() => this.passages.delete(id));
      this.passages.set(id, found);
    }
    return this.passages.get(id);
  }

  giveAnswer(answer, number) {
    const article = showAnswer(this, answer, number);
    this.log.append(article);
    this.showState();
    if (answer.kind === 'emergency') this.giveEmergency(article);
    else this.bringToTop(article.previousElementSibling);
  }

  /** An emergency replaces everything above it, and focus moves to it. */
  giveEmergency(article) {
    this.opening.hidden = true;
    for (const turn of this.log.children) turn.hidden = turn !== article;
    this.earlier.hidden = false;
    this.earlier.remove();
    this.log.after(this.earlier);
    article.focus();
    this.bringToTop(article);
  }

  showEarlier() {
    for (const turn of this.log.children) turn.hidden = false;
    this.opening.hidden = this.earlier.hidden = true;
    this.log.lastElementChild.focus();
  }

  /** Say in the log that a question was not sent, with a button to try again; what was typed goes back into the box. */
  fail(problem, question, number) {
    if (problem.status === 422) {
      this.log.lastElementChild.remove();
      this.input.value = question;
      this.showState();
      return this.refuse(problem.message);
    }
    if (!this.input.value) this.input.value = question;
    this.log.querySelector('.failed')?.remove();
    return this.log.append(h('div', {class: 'turn failed', part: 'failed', tabindex: -1},
      h('p', {}, this.words.failed),
      h('button', {type: 'button', class: 'quiet', click: () => {
        this.input.focus();
        if (this.input.value === question) this.input.value = '';
        this.send(question, number);
      }}, this.words.again)));
  }

  refuse(reason) {
    this.refusal.textContent = reason;
    this.refusal.hidden = !reason;
    if (reason) this.input.setAttribute('aria-invalid', 'true');
    else this.input.removeAttribute('aria-invalid');
    if (reason) this.say(reason);
  }

  addTurn(question, answer, number) {
    this.log.append(this.showQuestion(question, number), showAnswer(this, answer, number));
    this.showState();
  }

  showQuestion(question, number) {
    return h('article', {class: 'turn asked', part: 'question', tabindex: -1, 'aria-labelledby': `q${number}`},
      h(`h${this.level + 1}`, {id: `q${number}`}, fill(this.words.question, {n: number})),
      h('p', {dir: 'auto'}, question));
  }

  /** The newest message alone is a Tab stop; what can be done with a conversation shows once there is one. */
  showState() {
    const turns = [...this.log.children];
    turns.forEach(turn => turn.setAttribute('tabindex', -1));
    turns.at(-1)?.setAttribute('tabindex', 0);
    this.view.classList.toggle('begun', turns.length > 0);
    this.view.classList.toggle('urgent', !!turns.at(-1)?.matches('.emergency'));
    if (this.layout === 'page') document.documentElement.classList.toggle('begun', turns.length > 0);
  }

  bringToTop(article) {
    if (this.layout === 'page') article.scrollIntoView({block: 'start'});
    else article.closest('.scroll').scrollTop = article.offsetTop - 8;
  }

  /** Say something in the status line, once, without moving focus. */
  say(text) {
    this.status.textContent = text;
  }

  /** Show what a word means beside it; Escape or a click elsewhere closes it, and focus returns to the word. */
  explain(button, word, definition) {
    this.gloss.replaceChildren(h('p', {}, h('strong', {}, word), ' ', definition));
    this.gloss.setAttribute('aria-label', word);
    this.gloss.onbeforetoggle = ({newState}) => {
      if (newState === 'closed' && this.root.activeElement === this.gloss) button.focus();
    };
    this.gloss.showPopover();
    const [at, own] = [button.getBoundingClientRect(), this.gloss.getBoundingClientRect()];
    const below = at.bottom + own.height + 8 < innerHeight;
    this.gloss.style.top = `${below ? at.bottom + 4 : Math.max(8, at.top - own.height - 4)}px`;
    this.gloss.style.left = `${Math.max(8, Math.min(at.left, innerWidth - own.width - 8))}px`;
    this.gloss.focus({preventScroll: true});
  }

  async openSheet() {
    const {openSheet} = await import('./sheet.js');
    openSheet(this);
  }

  /** Forget the conversation, here and in the tab's storage. */
  forget() {
    this.memory = forget();
    this.passages.clear();
    this.log.replaceChildren();
    this.opening.hidden = false;
    this.earlier.hidden = true;
    this.input.value = '';
    window.speechSynthesis?.cancel();
    this.showState();
    this.say(this.words.forgotten);
    this.input.focus();
  }
}
