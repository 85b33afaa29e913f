// What the pages have beside our scripts: htmx in one of its two generations, and idiomorph where it is loaded. As much of them as our scripts use.

/** An extension of htmx 2. */
interface Htmx2Extension {
  isInlineSwap?(style: string): boolean;
  handleSwap?(style: string, target: Element, fragment: ParentNode): boolean | Node[] | void;
  onEvent?(name: string, event: CustomEvent<any>): boolean | void;
  [hook: string]: unknown;
}

/** One of htmx 4, whose hooks are named after its events. */
interface Htmx4Extension {
  init?(api: any): void;
  [hook: string]: unknown;
}

interface Htmx {
  version: string;
  config: { [name: string]: any };
  process(element: Element): void;
  /** On htmx 2; takes the text of a frame for `swapSpec`'s target. */
  swap(target: any, content?: string, spec?: object, options?: object): any;
  trigger(element: EventTarget, name: string, detail?: object): boolean;
  /** htmx 2, once its extension for WebSockets is loaded. */
  createWebSocket?(url: string): WebSocket;
  /** htmx 2, once its extension for events is loaded. */
  createEventSource?(url: string): EventSource;
  /** htmx 2 only. */
  defineExtension(name: string, extension: Htmx2Extension): void;
  /** htmx 4 only. */
  registerExtension(name: string, extension: Htmx4Extension): boolean;
}

interface Idiomorph {
  morph(
    target: Element,
    nodes: ArrayLike<Node> | string,
    options: {
      morphStyle: "outerHTML" | "innerHTML";
      callbacks?: {
        beforeNodeMorphed?(node: Node, next: Node): boolean | void;
        beforeAttributeUpdated?(name: string, element: Element, mutation: "update" | "remove"): boolean | void;
      };
    },
  ): Node[];
}

declare var htmx: Htmx;
declare var Idiomorph: Idiomorph | undefined;

/** Events of htmx and of ours; what their `detail` is depends on the generation. */
interface DocumentEventMap {
  [name: `htmx:${string}`]: CustomEvent<any>;
  [name: `htmx-ws:${string}`]: CustomEvent<any>;
}

/** What carries messages, until it breaks. */
type Wire = { send(text: string): void; close(): void };

/** A way to the server. It says what it gets, and that it broke, with the code of a WebSocket, or 0 where there is a WebSocket again; it is told where to connect, and when what
    it has said is in the page. */
type Way = (
  take: (text: string) => void,
  lost: (code: number) => void,
  url: () => string,
  applied: () => Promise<void> | undefined,
) => Wire;

/** An element that connects. htmx 4 keeps there what it has not swapped in yet. */
type Connect = HTMLElement & { _htmx?: { ws?: { connection?: { receiving?: Promise<void> } } } };
