// One connection for all live regions of a page: exact resume, fallback, state, events. On htmx 2 and htmx 4.
//
// htmx's own extension parses, swaps and sends. Where it asks for the WebSocket of one of our connect elements it gets a region: a socket that is open for as long
// as the element is there. Beneath, all regions share one wire, which breaks and comes back, by whatever way there is.
(() => {
const Native = window.WebSocket;
const { fallback, extras, silence } = /** @type {any} */ (document.currentScript).dataset;
const { dataset: page, style } = document.documentElement;
// `<!--htmx-ws topic cursor-->` or `{"htmx-ws":"topic cursor",...}`, and `<!--htmx-ws-word what more-->` for the script alone.
const FRAME = /^(?:<!--|{")htmx-ws(?:":")?([-!]\w*)? ?(\S*) ?(.*?)(?:-->|")/;
/** The regions that the page has. @type {Region[]} */
let live = [];
/** Those that the server was told of. @type {Region[]} */
let asked = [];
// Elements that stand where the page stands. One out of a history snapshot is another, and begins at its ticket.
const joined = new WeakSet();
/** Where the page stands in each topic. @type {Map<string, string>} */
const places = new Map();
/** What htmx does with the frames, one after the other. @type {Promise<void> | undefined} */
let applied;
/** @type {string} */
let path;
/** @type {Wire | undefined} */
let wire;
/** @type {number | undefined} */
let timer;
// In the back-forward cache, on the way there, or to be loaded anew.
let isAway = false;
// The way to the server, the one that was good, how often in a row none was; when it is tried again, when the server was last heard of, while there is a wire or one is fetched; how often the wire was
// dropped, which tells nothing any more.
let [isOpen, way, good, tries, due, heard, life] = [0, 0, 0, 0, 0, NaN, 0];

/** @param {EventTarget} target @param {string} name @param {unknown} detail */
const tell = (target, name, detail) => target.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }));

const show = (state = page.live) => {
	if (state === "reconnecting" && !navigator.onLine) state = "offline";
	const seconds = Math.ceil(Math.max(0, due - Date.now()) / 1000);
	style.setProperty("--live-in", `${seconds}`);
	if (page.live === state) return;
	page.live = state;
	if (!state) delete page.live;
	tell(document, "htmx-ws:state", { state, seconds });
};

const url = () => {
	asked = live;
	const tickets = live.map(({ node }) => (joined.has(node) ? "" : "!") + node.dataset.ticket);
	const at = [...places].map((place) => place.join("~"));
	return `${path}t=${tickets}&at=${encodeURIComponent(`${at}`)}`;
};

/** @type {Way} */
const socket = (take, lost) =>
	Object.assign(new Native(url()), {
		onmessage: (/** @type {MessageEvent} */ { data }) => take(data),
		onclose: (/** @type {CloseEvent} */ { code }) => lost(code),
	});

const drop = () => {
	clearTimeout(timer);
	wire?.close();
	timer = wire = undefined;
	isOpen = 0;
	heard = NaN;
	return ++life;
};

const connect = async () => {
	const mine = drop();
	if (isAway || !live[0]) return;
	/** @template T @param {(value: T) => void} call */
	const only = (call) => (/** @type {T} */ value) => {
		if (mine === life) call(value);
	};
	heard = Date.now();
	way = (good + Math.max(0, tries - 1)) % 3;
	try {
		await applied;
		const begin = way ? (await import(`${fallback}?${tries}`)).default[way] : socket;
		if (mine === life) wire = begin(only(take), only(lost), url, () => applied);
	} catch {
		if (mine === life) lost(1006);
	}
};

/** @param {number} code That of a WebSocket, or none where there is one again. */
const lost = (code) => {
	drop();
	if (!code) good = 0;
	if (code === 1000 || code === 1008) {
		for (const region of live.splice(0)) region.end(code);
		return show(code > 1000 ? "closed" : "complete");
	}
	const delay = Math.random() * 1000 * 2 ** Math.min(5, tries++ / 3);
	timer = setTimeout(connect, delay);
	due = Date.now() + delay;
	show("reconnecting");
};

/** @param {string} text */
const take = (text) => {
	heard = Date.now();
	const [, word, what, more] = FRAME.exec(text) || [];
	if (word === "!") reload();
	else if (word === "-at") begun(what, more);
	else if (word === "-beat") show(what);
	else if (word) for (const { node } of live) node.dataset.page === what && (node.dataset.ticket = more);
	else applied = apply(life, applied, text, what, more).catch(console.error);
};

/** @param {number} mine @param {typeof applied} before @param {string} text @param {string} topic */
const apply = async (mine, before, text, topic, cursor = "") => {
	await before;
	const [epoch, from, to] = cursor.split("-");
	const [had, version] = (places.get(topic) || "").split("-");
	// What the page has got already comes again behind a reconnection.
	if (mine !== life || (had === epoch && +version >= +(to || from))) return;
	const [{ node }] = live;
	live[0].tell("message", text);
	// htmx 4 takes its time, and has another name for the event that its pages have always had.
	await node._htmx?.ws?.connection?.receiving;
	if (node._htmx) tell(node, "htmx:wsAfterMessage", { message: text });
	if (!cursor || !node.isConnected) return;
	places.set(topic, cursor);
	if (text[0] !== "{") return;
	const { event, detail } = JSON.parse(text);
	if (/^htmx-ws/.test(event)) await import(extras);
	tell(document, event, detail);
};

/** What the server says first, and when regions have joined: from where on frames come. @param {string} list @param {string} state */
const begun = (list, state) => {
	if (list) for (const place of list.split(",")) places.set(.../** @type {[string, string]} */ (place.split("~")));
	isOpen = 1;
	tries = 0;
	good = way;
	show(state);
	for (const region of asked) {
		joined.add(region.node);
		region.tell("open");
		if (region.node.firstChild) import(extras);
	}
	if (asked !== live) change(live);
};

/** @param {Region[]} now */
const change = (now) => {
	live = now;
	if (!isOpen || way || asked[0] !== now[0]) timer ||= setTimeout(connect);
	else wire?.send(`{"htmx-ws":"${url()}"}`);
};

// A socket, as htmx sees it.
class Region extends EventTarget {
	OPEN = 1;
	/** How it ended. @type {number | undefined} */
	code;

	/** @param {Connect} node */
	constructor(node) {
		super();
		this.node = node;
		change([...live, this]);
	}

	get readyState() {
		return this.code ? 3 : isOpen;
	}

	/** @param {string} type @param {string} [data] */
	tell(type, data) {
		const event = Object.assign(new Event(type), { data, code: this.code });
		/** @type {any} */ (this)[`on${type}`]?.(event);
		this.dispatchEvent(event);
	}

	/** @param {string} text */
	send(text) {
		wire?.send(text);
	}

	/** @param {number} code */
	end(code) {
		this.code = code;
		this.tell("close");
	}

	close() {
		if (isAway || this.code) return;
		this.end(1005);
		change(live.filter((other) => other !== this));
		if (live[0]) return;
		drop();
		if (document.hidden) return show("paused");
		places.clear();
		show("");
	}
}

/** Each second, and when there is reason to believe that something has changed. @param {Event} [event] */
const look = (event) => {
	// Also while the other ways are fetched: a network that has forgotten a connection answers nothing on it.
	if (Date.now() - heard > (isOpen ? silence : 8000)) lost(1006);
	if (event && timer) connect();
	show();
};
setInterval(look, 1000);
for (const name of ["online", "visibilitychange"]) addEventListener(name, look);

const leave = () => {
	isAway = true;
	drop();
};
addEventListener("pagehide", leave, true);
addEventListener("pageshow", ({ persisted }) => {
	isAway = false;
	if (persisted) change(live);
});

// Spread over a second, and not in a loop.
const reload = () => {
	leave();
	show("stale");
	setTimeout(() => location.reload(), performance.navigation.type === 1 && performance.now() < 15000 ? 15000 : Math.random() * 1000);
};

// For the extractor `Sender`, in the words of both generations.
for (const name of ["htmx:configRequest", "htmx:config:request"])
	addEventListener(name, (/** @type {any} */ { detail }) => {
		if (live[0]) (detail.headers || detail.ctx.request.headers)["Htmx-Ws-Page"] = live[0].node.dataset.page;
	});

// Every socket of the page is made by this, on both generations. Another one is as ever.
window.WebSocket = new Proxy(Native || Region, {
	construct(_, args) {
		const [, its, ticket] = /(.*\W)t=([-.\w]+)$/.exec(args[0]) || [];
		const node = /** @type {Connect | null} */ (document.querySelector(`[data-page][data-ws-connect$="${ticket}"]`));
		if (!node || (live[0] && path !== its)) return new Native(.../** @type {[string]} */ (args));
		path = its;
		node.dataset.ticket ||= ticket;
		isOpen || show("connecting");
		return new Region(node);
	},
});
})();
