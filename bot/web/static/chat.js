/** The conversation: one component, on the page and inside other sites. Loaded by widget.js when it is opened. */

import {showAnswer} from './answer.js';
import {connect} from './api.js';
import {fill, h} from './dom.js';
import {forget, keep, recall} from './memory.js';
import {drawPanel} from './panel.js';
import {openSheet} from './sheet.js';
import {suggester} from './suggest.js';

const SLOW = 1000;
const LEAST_TYPED = 300;
const TOUCH = matchMedia('(pointer: coarse)');

/** Load the words and the style, and put the component into its element. */
export async function start(element) {
  const api = connect(element.server);
  const query = new URLSearchParams({lang: element.language, topic: element.getAttribute('topic') || ''});
  const [words, css] = await Promise.all([api.load(`widget/words.json?${query}`), api.load('widget/style.css', 'text')]);
  return new Chat(element, words, css, api);
}

class Chat {
  /** @param {HTMLElement} element @param {object} words @param {string} css @param {object} api what connect returns */
  constructor(element, words, css, api) {
    Object.assign(this, {element, words, css, api});
    this.layout = element.getAttribute('layout') || 'launcher';
    this.level = this.layout === 'page' ? 1 : 2;
    this.memory = recall();
    drawPanel(this);
    this.listen();
    if (words.closed) this.close(words.closed);
    else this.restore();
    if (this.layout === 'page') this.takeOver();
  }

  /** Show the conversation of this tab as it stood. */
  restore() {
    this.memory.turns.forEach((turn, place) => this.addTurn(turn.question, turn.answer, place + 1));
    const newest = this.log.lastElementChild;
    if (newest?.matches('.emergency')) this.leave(newest);
    // The browser would scroll to where the page stood before the conversation was back in it.
    if (newest && this.layout === 'page') history.scrollRestoration = 'manual';
    this.showNewest();
  }

  /** Bring the newest question to the top, or the emergency that stands alone. */
  showNewest() {
    const newest = this.log.lastElementChild;
    if (newest) this.bringToTop(newest.matches('.emergency') ? newest : newest.previousElementSibling ?? newest);
  }

  /** Say that this site may not ask, and lead to the page that may; tell its editor why. */
  close({said, why}) {
    console.warn(why);
    this.opening.querySelector('.starters').remove();
    // Nothing in it can take the focus now, and in a small window it scrolls.
    this.opening.parentElement.tabIndex = 0;
    this.form.replaceWith(h('div', {class: 'composer', part: 'closed'},
      h('p', {}, said),
      h('p', {}, h('a', {class: 'button', href: this.element.server, target: '_blank'}, this.words.open_elsewhere))));
  }

  /** Listen to what is typed and sent. */
  listen() {
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
    const {button} = this.element;
    button.setAttribute('aria-expanded', String(open));
    if (!open) {
      this.view.hidePopover();
      return button.focus();
    }
    this.view.showPopover();
    this.showNewest();
    // On a touch screen focus in the box would cover half of the panel with a keyboard that nobody asked for.
    return (TOUCH.matches || !this.input.isConnected ? this.heading : this.input).focus();
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
      this.suggester ??= this.api.load('widget/questions.json').then(({questions, also}) => suggester(questions, also));
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
    if (!TOUCH.matches) this.input.focus();
    const article = this.ask(text);
    if (TOUCH.matches) article?.focus();
  }

  /** Ask, and return the article of the question; focus stays where it is. */
  ask(text) {
    const question = text.trim();
    clearTimeout(this.typed);
    this.suggest([]);
    if (!question) return void this.refuse(this.words.empty);
    if (this.asking) return undefined;
    this.input.value = '';
    this.dropFailed(true);
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
    const {memory} = this;
    const slow = setTimeout(() => {
      this.log.setAttribute('aria-busy', 'true');
      this.say(this.words.busy);
    }, SLOW);
    try {
      const answer = await this.fetchAnswer(question);
      this.quiet(slow);
      // Forgotten meanwhile: it leaves no trace either.
      if (memory !== this.memory) return;
      // The text and the Markdown say what the HTML says; the tab keeps it once.
      this.memory.turns.push({question, answer: {...answer, text: '', markdown: ''}});
      keep(this.memory);
      this.dropFailed();
      this.giveAnswer(answer, number);
    } catch (problem) {
      this.quiet(slow);
      if (memory === this.memory) this.fail(problem, question, number);
    } finally {
      if (memory === this.memory) this.asking = false;
    }
  }

  quiet(slow) {
    clearTimeout(slow);
    if (this.log.getAttribute('aria-busy')) this.say('');
    this.log.removeAttribute('aria-busy');
  }

  async fetchAnswer(question) {
    const body = {question, lang: this.words.lang};
    const before = [...this.memory.turns].reverse().flatMap(turn => turn.answer.statements);
    const context = [...new Set(before.map(one => one.passage_id))].slice(0, 8);
    return this.api.post('ask', context.length ? {...body, context} : body);
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
    this.leave(article);
    article.focus();
    this.bringToTop(article);
  }

  /** Leave one article alone in the conversation, with a button that shows the others again. */
  leave(article) {
    this.opening.hidden = true;
    for (const turn of this.log.children) turn.hidden = turn !== article;
    this.earlier.hidden = false;
    this.log.after(this.earlier);
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
    this.dropFailed();
    return this.log.append(h('div', {class: 'turn failed', part: 'failed', tabindex: -1},
      h('p', {}, this.words.failed),
      h('button', {type: 'button', class: 'quiet', click: () => {
        this.input.focus();
        if (this.input.value === question) this.input.value = '';
        this.send(question, number);
      }}, this.words.again)));
  }

  /** Take away what said that a question was not sent; with the question, where another takes its place. */
  dropFailed(asked = false) {
    const failed = this.log.querySelector('.failed');
    if (asked) failed?.previousElementSibling.remove();
    failed?.remove();
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
    // In a frame of its own: laying out a long answer is not added to the work of building it.
    requestAnimationFrame(() => {
      if (this.layout === 'page') article.scrollIntoView({block: 'start'});
      else if (article.isConnected) article.closest('.scroll').scrollTop = article.offsetTop - 8;
    });
  }

  /** Say something in the status line, once, without moving focus. */
  say(text) {
    this.status.textContent = text;
  }

  openSheet() {
    openSheet(this);
  }

  /** Forget the conversation, here and in the tab's storage. */
  forget() {
    this.memory = forget();
    this.asking = false;
    clearTimeout(this.typed);
    this.api.forget();
    this.log.replaceChildren();
    this.suggest([]);
    this.refuse('');
    this.opening.hidden = false;
    this.earlier.hidden = true;
    this.input.value = '';
    window.speechSynthesis?.cancel();
    this.showState();
    this.say(this.words.forgotten);
    this.input.focus();
  }
}
