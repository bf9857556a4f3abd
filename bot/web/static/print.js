/** Prints a few elements alone, from a frame of their own, whatever page the widget sits in. */

import {h} from './dom.js';

/** Print the elements with the component's style. */
export function printNodes(chat, nodes) {
  document.querySelector('iframe[data-careleaf]')?.remove();
  const frame = h('iframe', {'data-careleaf': true, title: chat.words.print, 'aria-hidden': 'true', tabindex: -1});
  Object.assign(frame.style, {position: 'fixed', width: '0', height: '0', border: '0', insetInlineStart: '0', bottom: '0'});
  document.body.append(frame);
  const page = frame.contentWindow;
  const sheet = new page.CSSStyleSheet();
  sheet.replaceSync(chat.css);
  page.document.adoptedStyleSheets = [sheet];
  // The name of the print job: it says nothing of what was asked, nor what the paper is for.
  page.document.title = chat.words.title;
  page.document.documentElement.lang = chat.words.lang;
  page.document.body.append(page.document.adoptNode(h('div', {class: 'root paper', dir: chat.words.dir}, ...nodes)));
  page.addEventListener('afterprint', () => frame.remove());
  page.print();
}
