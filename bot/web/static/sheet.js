/** The page for the appointment: the family picks answers and questions, and prints one clean page. Nothing is sent. */

import {h, readAnswer} from './dom.js';
import {keep} from './memory.js';
import {printNodes} from './print.js';

/** Open the builder in place of the conversation. */
export function openSheet(chat) {
  const {words, memory} = chat;
  const answers = memory.turns.filter(turn => /answer|redirect/.test(turn.answer.kind) && turn.answer.statements.length);
  const heading = h('h2', {tabindex: -1}, words.appointment);
  const questions = h('div', {class: 'picks'});
  const paper = h('div', {class: 'paper', part: 'paper', role: 'region', 'aria-label': words.sheet_preview});
  const own = h('input', {type: 'text', id: 'own', maxlength: 300, autocomplete: 'off'});
  const notes = h('textarea', {id: 'notes', rows: 3, maxlength: 4000, input: () => {
    memory.notes = notes.value;
    show();
  }});
  notes.value = memory.notes;
  const asked = () => [...new Set(answers.filter(taken).flatMap(turn => turn.answer.ask_your_team)), ...memory.own];
  const taken = turn => !memory.left.includes(turn.answer.answer_id);

  const pick = (text, name) => {
    const box = h('input', {type: 'checkbox', change: () => {
      memory.left = box.checked ? memory.left.filter(one => one !== name) : [...memory.left, name];
      show();
    }});
    box.checked = !memory.left.includes(name);
    return h('label', {class: 'pick'}, box, h('span', {dir: 'auto'}, text));
  };
  const listQuestions = () => questions.replaceChildren(...asked().map(text => pick(text, text)));
  const group = (title, ...inside) => h('fieldset', {}, h('legend', {}, title), ...inside);
  const add = h('form', {class: 'line', submit: event => {
    event.preventDefault();
    if (own.value.trim()) memory.own = [...new Set([...memory.own, own.value.trim()])];
    own.value = '';
    listQuestions();
    show();
    own.focus();
  }}, own, h('button', {type: 'submit', class: 'quiet'}, words.sheet_add_button));
  const back = () => {
    removeEventListener('keydown', leave, true);
    view.remove();
    chat.talk.hidden = false;
    chat.root.querySelector('.act.sheet').focus();
  };
  // Of the whole window: after a click beside the fields the focus is on the body. Elsewhere Escape is the host page's.
  const leave = event => {
    if (event.key !== 'Escape' || ![document.body, chat.element].includes(event.target) || !view.checkVisibility()) return;
    event.stopPropagation();
    back();
  };
  const view = h('section', {class: 'sheet', part: 'sheet'},
  h('div', {class: 'build'},
    heading,
    h('p', {}, words.sheet_intro),
    group(words.sheet_answers, ...(answers.length
      ? answers.map(turn => pick(turn.question, turn.answer.answer_id))
      : [h('p', {}, words.sheet_none)])),
    group(words.sheet_questions, questions, h('label', {for: 'own'}, words.sheet_add), add),
    h('label', {for: 'notes'}, words.sheet_notes), notes,
    h('div', {class: 'row'},
      h('button', {type: 'button', class: 'send', click: () => printNodes(chat, [...paper.cloneNode(true).childNodes])}, words.sheet_print),
      h('button', {type: 'button', class: 'quiet', click: back}, words.back))),
  paper);

  /** Put the page together anew from what is picked. */
  function show() {
    keep(memory);
    const picked = asked().filter(text => !memory.left.includes(text));
    paper.replaceChildren(
      h('h2', {}, words.sheet_title),
      ...answers.filter(taken).map(showPicked),
      ...(picked.length ? [h('section', {class: 'to-ask'}, h('h3', {}, words.sheet_questions),
        h('ul', {}, ...picked.map(text => h('li', {dir: 'auto'}, text))))] : []),
      h('section', {class: 'notes'}, h('h3', {}, words.sheet_notes), h('p', {dir: 'auto'}, memory.notes)),
      h('p', {class: 'made'}, words.sheet_made.replace('{date}', new Date().toLocaleDateString(words.lang, {dateStyle: 'long'}))),
    );
  }

  listQuestions();
  show();
  chat.talk.hidden = true;
  chat.talk.after(view);
  addEventListener('keydown', leave, true);
  heading.focus();
}

/** Return one answer as it stands on paper: question, sentences, evidence, caveat, sources. */
function showPicked(turn) {
  const content = h('div', {lang: turn.answer.lang, dir: 'auto'}, readAnswer(turn.answer.html, 4));
  content.querySelectorAll('.choices, .team, .review').forEach(part => part.remove());
  content.querySelectorAll('.cite a').forEach(link => link.replaceWith(`[${link.textContent}]`));
  content.querySelectorAll('.sources a').forEach(link => link.parentNode.append(` ${link.href}`));
  content.querySelectorAll('.sources a').forEach(link => link.replaceWith(link.textContent));
  return h('section', {class: 'taken'}, h('h3', {dir: 'auto'}, turn.question), content);
}
