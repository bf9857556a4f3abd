// <careleaf-chat>: registers the element and draws its launcher. Everything else is loaded when it is opened.
(() => {
  const script = document.currentScript;
  const WORDS = /*WORDS*/ {};
  const LAUNCHER = `:host{display:inline-block!important;visibility:visible!important;opacity:1!important;
    transform:none!important;filter:none!important;pointer-events:auto!important;overflow:visible!important;
    width:auto!important;height:auto!important;clip-path:none!important}
    .go{all:initial;box-sizing:border-box;display:inline-flex;align-items:center;gap:.6em;min-height:52px;
    padding:.5em 1.2em;border-radius:2em;font-family:var(--careleaf-font,inherit);font-size:clamp(17px,1.0625rem,34px);
    font-weight:700;line-height:1.3;cursor:pointer;
    background:var(--careleaf-accent,#1f6b4a);color:var(--careleaf-accent-ink,#fff);border:2px solid transparent}
    .go:focus-visible{outline:3px solid currentColor;outline-offset:-6px}
    @media(forced-colors:active){.go{border-color:ButtonText}}`;
  const LEAF = 'M27 4C14 4 5 11 5 21c0 2 .4 4 1 5l-2 2.6 1.7 1.4 2.1-2.700C9.5 28.4 12 29 15 28 24 25.5 27 16 27 4Z';

  /** Attributes: layout (launcher, inline, page), lang, heading, label, topic, question, person, server. */
  class CareleafChat extends HTMLElement {
    connectedCallback() {
      if (this.started) return;
      this.started = true;
      this.server = new URL(this.getAttribute('server') || '.', script.src).href;
      this.language = this.getAttribute('lang') || this.closest('[lang]')?.lang || 'en';
      if (['inline', 'page'].includes(this.getAttribute('layout'))) this.load().catch(() => this.fail());
      else this.launch();
    }

    /** Draw the launcher, where the host page put the tag. */
    launch() {
      const root = this.attachShadow({mode: 'open'});
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(LAUNCHER);
      root.adoptedStyleSheets = [sheet];
      this.button = document.createElement('button');
      this.button.type = 'button';
      this.button.className = 'go';
      this.button.setAttribute('part', 'launcher');
      this.button.setAttribute('aria-expanded', 'false');
      this.button.lang = WORDS[this.language.split('-')[0]] ? this.language : 'en';
      this.button.append(this.leaf(), this.getAttribute('label') || this.words.launcher);
      this.button.addEventListener('click', () => this.toggle());
      root.append(this.button);
    }

    leaf() {
      const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
      const path = document.createElementNS(svg.namespaceURI, 'path');
      for (const [name, value] of Object.entries({viewBox: '0 0 32 32', width: 24, height: 24, 'aria-hidden': true}))
        svg.setAttribute(name, value);
      path.setAttribute('d', LEAF);
      path.setAttribute('fill', 'currentColor');
      svg.append(path);
      return svg;
    }

    get words() {
      return WORDS[this.language.split('-')[0]] || WORDS.en;
    }

    async load() {
      this.chat ??= import(`${this.server}widget/chat.js`).then(module => module.start(this));
      return this.chat;
    }

    async toggle() {
      try {
        (await this.load()).toggle();
      } catch {
        this.fail();
      }
    }

    /** Where the widget cannot be loaded, a link leads to its page. */
    fail() {
      if (!this.button) return;
      const link = document.createElement('a');
      link.href = this.server;
      link.className = 'go';
      link.append(this.words.open_elsewhere);
      link.setAttribute('part', 'launcher');
      this.button.replaceWith(link);
      link.focus();
    }
  }
  customElements.get('careleaf-chat') || customElements.define('careleaf-chat', CareleafChat);
})();
