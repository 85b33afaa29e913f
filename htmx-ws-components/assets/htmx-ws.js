// Exact resume, connection state and refresh, on htmx 2 and htmx 4.
(() => {
  "use strict";
  const page = document.documentElement.dataset;
  // connect element -> (topic -> cursor). One out of a history snapshot begins at its ticket again.
  const places = new WeakMap();

  const show = (state) => {
    if (page.live === state || page.live === "stale") return;
    page.live = state;
    document.dispatchEvent(new CustomEvent("htmx-ws:state", { detail: { state } }));
  };

  const connects = () => [...document.querySelectorAll("[data-ws-connect]")];
  const forget = () => connects().length || delete page.live;

  const resumed = (element, url) => {
    const target = new URL(url, location.href);
    const set = (name, value) => value && target.searchParams.set(name, value);
    set("t", element?.dataset.ticket);
    set("at", [...(places.get(element) || [])].map((place) => place.join("~")).join());
    return target.href;
  };

  const frame = (text) => /^(?:<!--htmx-ws |{"htmx-ws":")(\S+) (\S+?)(?:-->|")/.exec(text) || ["", "", ""];

  // A cursor ahead of the page would lose what lies between.
  const applied = (element, text) => {
    const [, topic, cursor] = frame(text);
    if (topic) places.set(element, new Map(places.get(element)).set(topic, cursor));
  };

  // It waited while its socket closed, and came again.
  const isOld = (element, text) => {
    const [, topic, cursor] = frame(text);
    const had = new Map(places.get(element)).get(topic) || "";
    const [epoch, version, cut] = had.split("-");
    const [itsEpoch, from, to] = cursor.split("-");
    return had && epoch === itsEpoch && !cut && +version >= +(to || from);
  };

  // Spread over a second, and not in a loop.
  const reload = () => {
    let recent = [];
    try {
      recent = JSON.parse(sessionStorage.htmxWs || "[]").filter((time) => Date.now() - time < 60000);
      sessionStorage.htmxWs = JSON.stringify([...recent, Date.now()]);
    } catch {}
    show("stale");
    setTimeout(() => location.reload(), recent.length < 3 ? Math.random() * 1000 : 15000);
  };

  const received = (event, text) => {
    const isRefresh = /^<!--htmx-ws! /.test(text);
    if (isRefresh || isOld(event.target, text)) event.preventDefault();
    if (isRefresh) reload();
  };

  const closed = (code, retried) => {
    const retry = document.hidden ? "paused" : navigator.onLine ? "reconnecting" : "offline";
    show(code === 1000 ? "complete" : retried.includes(code) ? retry : "closed");
  };

  const on = (name, listener) => document.addEventListener(name, (event) => listener(event, event.detail));

  // htmx 2
  on("htmx:wsConnecting", () => show("connecting"));
  on("htmx:wsOpen", () => show("open"));
  on("htmx:wsClose", (_, { event }) => closed(event.code, [1006, 1011, 1012, 1013]));
  on("htmx:wsBeforeMessage", (event, { message }) => received(event, message));
  on("htmx:wsAfterMessage", ({ target }, { message }) => applied(target, message));
  on("htmx:afterSettle", forget);
  htmx.createWebSocket = (url) => {
    const element = connects().find((connect) => url.endsWith(connect.dataset.wsConnect));
    return Object.assign(new WebSocket(resumed(element, url)), { binaryType: htmx.config.wsBinaryType });
  };

  // htmx 4: no event comes before the reconnect of a tab that is shown again, so the URL is always ready.
  on("htmx:ws:before:connection", (_, { connection }) => connection.attempt || show("connecting"));
  on("htmx:ws:after:connection", () => show("open"));
  on("htmx:ws:close", (_, { reason, code }) => {
    if (reason === "closed") closed(code, [1001, 1005, 1006, 1011, 1012, 1013, 1014]);
    else setTimeout(forget);
  });
  on("htmx:ws:before:message:incoming", (event, { message }) => received(event, message.data));
  on("htmx:ws:after:message:incoming", ({ target }, { connection, message }) => {
    applied(target, message.data);
    connection.url = resumed(target, connection.url);
  });

  // Out of the back-forward cache, with a dead socket on htmx 4.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
})();
