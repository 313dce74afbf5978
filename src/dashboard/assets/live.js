// Makes the pages live; without it they work as well, and are as old as they were when they were loaded.
const REGION = '[data-live]';

/** A region in which somebody is at work is left alone until they are through. */
function isInUse(region) {
  const active = document.activeElement;
  const types = active?.matches('input:not([type=hidden]), select, textarea') && region.contains(active);
  return Boolean(types) || region.querySelector('details[open]') !== null;
}

function spoken() {
  return document.querySelector('[data-say]')?.textContent ?? '';
}

/** Swaps the regions for their newer selves. A button that had the focus has it again. */
function take(text) {
  const fresh = new DOMParser().parseFromString(text, 'text/html');
  const before = spoken();
  for (const region of document.querySelectorAll(REGION)) {
    const next = fresh.querySelector(`[data-live="${CSS.escape(region.dataset.live)}"]`);
    if (next === null || isInUse(region) || next.innerHTML === region.innerHTML) continue;
    const focused = region.contains(document.activeElement) ? document.activeElement.textContent : null;
    region.replaceChildren(...document.importNode(next, true).childNodes);
    if (focused !== null)
      [...region.querySelectorAll('button, a')].find((one) => one.textContent === focused)?.focus();
  }
  // Only what changes the picture is spoken: a page that talks all the time is switched off.
  if (spoken() !== before) say(spoken());
}

function say(text) {
  const state = document.querySelector('#live-state');
  if (state !== null) state.textContent = text === '' ? '' : ` ${text}.`;
}

function begin() {
  let source = null;
  let isAsking = false;
  let isAsked = false;

  async function refresh() {
    if (isAsking) {
      isAsked = true;
      return;
    }
    isAsking = true;
    try {
      const answer = await window.fetch(window.location.pathname, { headers: { 'X-Refresh': '1' } });
      // The session has ended.
      if (answer.redirected) window.location.assign('/sign-in');
      else if (answer.ok) take(await answer.text());
    } catch {
      say('No connection; trying again');
    } finally {
      isAsking = false;
      if (isAsked) {
        isAsked = false;
        void refresh();
      }
    }
  }

  /** A page that nobody sees holds no connection: a browser has six of them for a host. */
  function follow() {
    if (document.hidden) {
      source?.close();
      source = null;
    } else if (source === null) {
      source = new EventSource('/live');
      source.addEventListener('change', () => void refresh());
      source.addEventListener('beat', () => void refresh());
      source.addEventListener('open', () => {
        document.documentElement.dataset.connected = 'yes';
        say('');
        void refresh();
      });
      source.addEventListener('error', () => {
        // What stands there may be old by now, and must not look as if it were not.
        document.documentElement.dataset.connected = 'no';
        say('No connection; trying again');
        // Refused, not merely interrupted: the page finds out why.
        if (source?.readyState === EventSource.CLOSED) void refresh();
      });
    }
  }

  document.addEventListener('visibilitychange', follow);
  follow();
}

// What a form was sent for is not asked again.
if (document.querySelector(REGION) !== null && document.querySelector('[aria-label="Answer"]') === null)
  begin();
