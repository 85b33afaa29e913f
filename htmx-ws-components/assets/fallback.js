// The ways to the server where no WebSocket can be had: an event stream, and else one question after the other. What the page sends goes by requests of its own.

const own = import.meta.url;

/** @param {number} time In milliseconds. */
const sleep = (time) => new Promise((resolve) => setTimeout(resolve, time));

/** As the other ways need it. @param {() => string} url As a WebSocket needs it. */
const http = (url) => url().replace("ws", "http");

/** Sends one message after the other. @param {() => string} url @returns {(text: string) => void} */
const sender = (url) => {
	let last = Promise.resolve();
	/** @param {string} text @param {number} [left] @returns {Promise<void>} */
	const post = async (text, left = 50) => {
		const { status } = await fetch(new URL(`send${new URL(http(url)).search}`, own), { method: "POST", body: text });
		// Between two questions nobody is there to take it.
		if (status === 409 && left) await sleep(100).then(() => post(text, left - 1));
	};
	return (text) => {
		last = last.then(() => post(text)).then(() => {}, console.error);
	};
};

/**
 * Tries a WebSocket now and then, and goes back when there is one again. This one reads nothing: it could not say where the page stands when it is open.
 * @param {() => string} url @param {(code: number) => void} lost
 */
const probe = (url, lost) => {
	/** @type {number} */
	let timer;
	const again = (time = 5000) => {
		timer = setTimeout(() => {
			/** @type {WebSocket} */
			let socket;
			try {
				socket = new WebSocket(`${url()}&probe=1`);
			} catch {
				// A browser that has none.
				return;
			}
			socket.onopen = () => {
				socket.close();
				lost(0);
			};
			socket.onerror = () => again(Math.min(2 * time, 300000));
		}, time);
	};
	again();
	return () => clearTimeout(timer);
};

/**
 * An event stream. One that is held back on its way, as some proxies do, is noticed as a WebSocket would be: the server does not say from where on frames come.
 * @type {Way}
 */
const stream = (take, lost, url) => {
	const source = new EventSource(http(url));
	const stop = probe(url, lost);
	source.onmessage = ({ data }) => take(data);
	source.onerror = () => lost(1006);
	source.addEventListener("end", ({ data }) => lost(+data));
	return {
		send: sender(url),
		close() {
			stop();
			source.close();
		},
	};
};

/**
 * One question after the other: the server answers as soon as there is something to say.
 * @type {Way}
 */
const poll = (take, lost, url, applied) => {
	const abort = new AbortController();
	const stop = probe(url, lost);
	const ask = async (more = "") => {
		const answer = await fetch(http(url) + more, { headers: { Accept: "application/json" }, cache: "no-store", signal: abort.signal });
		const { frames, close } = await answer.json();
		frames.forEach(take);
		if (close) return lost(close);
		// The next question says how far the page came.
		await applied();
		if (!abort.signal.aborted) await ask(`&hold=${document.documentElement.dataset.live}`);
	};
	ask().catch(() => lost(1006));
	return {
		send: sender(url),
		close() {
			stop();
			abort.abort();
		},
	};
};

export default [undefined, stream, poll];
