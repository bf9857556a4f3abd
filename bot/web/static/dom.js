/** Builds elements, and reads the server's answers into elements without ever parsing text as markup in the page. */

const SVG = 'http://www.w3.org/2000/svg';

/**
 * Return one element.
 * @param {string} tag
 * @param {Object<string, any>} [values] attributes; a function listens, `true` sets an empty attribute, null sets none
 * @param {...(Node|string)} children
 */
export function h(tag, values = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value != null && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children);
  return element;
}

/** Return a sentence with its {names} filled in. */
export const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** Return one of the icons that are drawn for the component. */
export function icon(path) {
  const svg = document.createElementNS(SVG, 'svg');
  for (const [name, value] of Object.entries({class: 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true'}))
    svg.setAttribute(name, value);
  svg.append(document.createElementNS(SVG, 'path'));
  svg.firstChild.setAttribute('d', path);
  svg.firstChild.setAttribute('fill', 'currentColor');
  svg.firstChild.setAttribute('fill-rule', 'evenodd');
  return svg;
}

const TAGS = new Set('div section p h3 ul ol li a strong sup svg path'.split(' '));
const NAMES = new Set('class href rel lang dir viewBox d fill fill-rule aria-hidden aria-label width height'.split(' '));
const HREF = /^(https?:|tel:|#source-\d+$|\/\?q=)/;
const ENTITIES = {amp: '&', lt: '<', gt: '>', quot: '"', '#34': '"', '#39': "'"};
const TOKEN = /<(\/?)([a-z0-9]+)([^>]*)>|([^<]+)/gi;
const ATTRIBUTE = /([\w-]+)="([^"]*)"/g;

const plain = text => text.replace(/&(#?\w+);/g, (whole, name) => ENTITIES[name] ?? whole);

/**
 * Read the HTML of an answer, as the templates write it, into elements. Only the tags and attributes above are made,
 * by name; whatever else a text holds stays text or is left out. Heading level 3 becomes `level`.
 * @returns {DocumentFragment}
 */
export function readAnswer(html, level = 4) {
  const top = document.createDocumentFragment();
  const open = [top];
  for (const [, closing, name, rest, text] of html.matchAll(TOKEN)) {
    const parent = open[open.length - 1];
    if (text) {
      if (text.trim() || /^(P|LI|A|STRONG|H\d)$/.test(parent.nodeName)) parent.append(plain(text));
    } else if (TAGS.has(name)) {
      if (closing) {
        if (open.length > 1) open.pop();
        continue;
      }
      const tag = name === 'h3' ? `h${level}` : name;
      const element = /^(svg|path)$/.test(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
      for (const [, key, value] of rest.matchAll(ATTRIBUTE))
        if (NAMES.has(key) && (key !== 'href' || HREF.test(plain(value)))) element.setAttribute(key, plain(value));
      parent.append(element);
      if (!rest.endsWith('/')) open.push(element);
    }
  }
  return top;
}
