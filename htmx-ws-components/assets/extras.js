// What few pages need: senders that are busy until they are answered, and what a page is told to do beyond its elements.

/** @param {string} name @param {(event: any) => void} listener */
const on = (name, listener) => document.addEventListener(name, listener);

/** What ends the wait for the answer to a message, by its number. @type {Map<string, (isAnswered: boolean) => void>} */
const waiting = new Map();
let sent = 0;

/**
 * A sender is busy until the server has handled its message, or for so many seconds.
 * @param {HTMLElement} sender @param {Record<string, unknown>} values What it sends.
 */
const wait = (sender, values) => {
	const own = /** @type {HTMLElement | null} */ (sender.closest("[data-live-busy]"));
	if (!own) return;
	const id = `${++sent}`;
	const controls = [own, ...own.querySelectorAll("button, [type=submit]")].filter((control) => /** @type {any} */ (control).disabled === false);
	/** @param {boolean} is */
	const show = (is) => {
		own.ariaBusy = is ? "true" : null;
		for (const control of controls) /** @type {HTMLButtonElement} */ (control).disabled = is;
	};
	/** @param {boolean} isAnswered */
	const end = (isAnswered) => {
		clearTimeout(timer);
		waiting.delete(id);
		show(false);
		if (!isAnswered) own.dispatchEvent(new CustomEvent("htmx-ws:timeout", { bubbles: true }));
	};
	const timer = setTimeout(end, 1000 * (Number(own.dataset.liveBusy) || 10), false);
	waiting.set(id, end);
	values["htmx-ws-id"] = id;
	show(true);
};

// htmx 2, where what is not valid is not sent
on("htmx:wsConfigSend", ({ target, detail }) => detail.errors?.length || wait(target, detail.parameters));
// htmx 4
on("htmx:ws:before:message:outgoing", ({ target, detail }) => wait(target, detail.message.values));

on("htmx-ws:done", ({ detail }) => waiting.get(detail)?.(true));

on("htmx-ws:focus", ({ detail }) => document.getElementById(detail)?.focus());

// As both generations do it, so that their back button works.
on("htmx-ws:push-url", ({ detail }) => {
	history.replaceState({ htmx: true }, "");
	history.pushState({ htmx: true }, "", detail);
});
