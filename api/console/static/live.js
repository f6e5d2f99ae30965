// Live events for all tabs of a browser over one connection: HTTP/1.1 allows six for each site.
// This file runs as the shared worker that holds the connection, and in each page, which joins the
// worker. A browser without shared workers runs the connection in the page itself.
"use strict";
(() => {
  // The server merges at most this many tabs into one connection.
  const MOST_TABS = 12;
  const JOIN_MS = 20, LEAVE_MS = 2000, FIRST_RETRY_MS = 1000, LONGEST_RETRY_MS = 30000;
  // A connection counts as lost after this many announced beats without any event, and a new one
  // after this long without its first.
  const BEATS = 2.5, FIRST_EVENT_MS = 15000;

  // One connection and the tabs that share it. It reconnects with back-off after every error: an
  // EventSource gives up for good on any answer but 200, such as a proxy's 502.
  class Stream {
    constructor(path, account, lang) {
      this.path = path;
      this.account = account;
      this.lang = lang;
      this.members = [];
      this.source = null;
      this.timer = 0;
      this.due = Infinity;
      this.failures = 0;
      this.silence = 0;
    }

    join(member) {
      this.members.push(member);
      member.tell({ state: "connecting" });
      this.connectIn(JOIN_MS);
    }

    leave(member) {
      const at = this.members.indexOf(member);
      if (at < 0) return;
      this.members.splice(at, 1);
      if (!this.members.length) this.close();
      // Its events are still sent until the others reconnect; a page that follows it joins sooner.
      else if (this.source) this.connectIn(LEAVE_MS);
    }

    connectIn(ms) {
      const due = Date.now() + ms;
      if (due >= this.due) return;
      clearTimeout(this.timer);
      this.due = due;
      this.timer = setTimeout(() => this.connect(), ms);
    }

    close() {
      clearTimeout(this.timer);
      clearTimeout(this.silence);
      this.due = Infinity;
      if (this.source) this.source.close();
      this.source = null;
    }

    connect() {
      this.close();
      const members = [...this.members];
      const query = new URLSearchParams({ as: this.account, lang: this.lang });
      for (const each of members) {
        query.append("of", each.of);
        query.append("since", each.last);
      }
      const source = new EventSource(`${this.path}?${query}`);
      this.source = source;
      let most = FIRST_EVENT_MS;
      const heard = () => {
        if (source !== this.source) return;
        clearTimeout(this.silence);
        this.silence = setTimeout(() => this.retry(false), most);
      };
      heard();
      source.addEventListener("beat", (event) => { most = BEATS * Number(event.data); heard(); });
      source.addEventListener("part", (event) => {
        this.failures = 0;
        heard();
        const { part, event: name, id, data } = JSON.parse(event.data);
        members[part].last = id || members[part].last;
        members[part].tell({ state: "live", name, data });
      });
      source.onerror = () => {
        if (source === this.source) this.retry(source.readyState === EventSource.CLOSED);
      };
    }

    // `refused`: the server answered, and not with a stream.
    retry(refused) {
      this.close();
      for (const each of this.members) each.tell({ state: "lost", refused });
      const most = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures);
      this.failures += 1;
      this.connectIn(most / 2 + (Math.random() * most) / 2);
    }
  }

  // The streams by path, account and language; a further one once a connection is full.
  class Streams {
    constructor() {
      this.all = [];
    }

    join({ path, account, lang }, member) {
      const fits = (each) => each.path === path && each.account === account && each.lang === lang && each.members.length < MOST_TABS;
      let stream = this.all.find(fits);
      if (!stream) this.all.push(stream = new Stream(path, account, lang));
      stream.join(member);
      return () => {
        stream.leave(member);
        this.all = this.all.filter((each) => each.members.length);
      };
    }

    hasten() {
      for (const each of this.all) if (!each.source) each.connectIn(JOIN_MS);
    }

    // The browser knows that the network is gone: an open connection would stay silent.
    lose() {
      for (const each of this.all) if (each.source) each.retry(false);
    }
  }

  const streams = new Streams();
  addEventListener("online", () => streams.hasten());
  addEventListener("offline", () => streams.lose());

  // ---- in the shared worker

  if (typeof SharedWorkerGlobalScope !== "undefined") {
    addEventListener("connect", ({ ports: [port] }) => {
      let leave = () => {};
      port.onmessage = ({ data }) => {
        if (data.network) { streams[data.network](); return; }
        leave();
        leave = () => {};
        if (data.leave) return;
        const member = { of: data.of, last: data.since, tell: (said) => port.postMessage({ ...said, last: member.last }) };
        leave = streams.join(data, member);
        // A tab that crashes says nothing; its lock is released all the same.
        if (data.lock && navigator.locks) navigator.locks.request(data.lock, leave);
      };
    });
    return;
  }

  // ---- in a page

  const script = document.currentScript.src;
  let number = 0;

  // Hold a lock for as long as the page lives; then call `ready` with its name, or with none.
  function hold(ready) {
    if (!navigator.locks) { ready(""); return; }
    number += 1;
    const name = `roost-tab-${Date.now()}-${Math.random()}-${number}`;
    navigator.locks.request(name, () => { ready(name); return new Promise(() => {}); }).catch(() => ready(""));
  }

  // Follow the live events of `of` at a path from a position on. `take(name, data, last)` receives
  // each event, `show(state, refused)` each change of "connecting", "live" and "lost". Returns a
  // function that ends it.
  function follow({ path, account, of, since, take, show }) {
    const lang = document.documentElement.lang.slice(0, 2);
    let shown = "", ended = false, leave = () => {};
    const tell = ({ state, refused, name, data, last }) => {
      if (ended) return;
      if (state !== shown || refused) show(state, Boolean(refused));
      shown = state;
      if (name) take(name, data, last);
    };

    // Nobody shares this connection, so only a visible tab holds one: tabs in the background would
    // use up all six. A tab that is seen again resumes where it was.
    function alone() {
      const member = { of, last: since, tell: (said) => tell({ ...said, last: member.last }) };
      const join = () => {
        leave();
        leave = ended || document.hidden ? () => {} : streams.join({ path, account, lang }, member);
      };
      document.addEventListener("visibilitychange", join);
      join();
    }

    function together() {
      const worker = new SharedWorker(script, { name: `roost-live-${account}` });
      const port = worker.port;
      worker.onerror = () => { leave(); if (!ended) alone(); };
      port.onmessage = ({ data }) => tell(data);
      leave = () => { port.postMessage({ leave: true }); port.close(); };
      hold((lock) => { if (!ended) port.postMessage({ path, account, lang, of, since, lock }); });
      // Not every browser tells its workers.
      addEventListener("online", () => port.postMessage({ network: "hasten" }));
      addEventListener("offline", () => port.postMessage({ network: "lose" }));
    }

    if (typeof SharedWorker === "undefined") alone();
    else {
      try { together(); } catch { alone(); }
    }
    return () => { ended = true; leave(); };
  }

  // Show the state of the connection in the element for it, and a loss in a banner that stays in view.
  function showState(state) {
    const element = document.querySelector("#live");
    if (element) element.dataset.state = state;
    const banner = document.querySelector("#lost");
    if (banner) banner.hidden = state !== "lost";
  }

  // A page whose caller has been signed out meanwhile leads to where one signs in.
  async function checkSignedIn(address) {
    try {
      const answer = await fetch(address, { headers: { "HX-Request": "true", "HX-Current-URL": location.href } });
      const to = answer.headers.get("HX-Redirect");
      if (to) location.assign(to);
    } catch { /* still away: the connection is retried anyway */ }
  }

  window.RoostLive = { follow, showState, checkSignedIn };
})();
