// The part of Stripe.js that the shop uses. As with the real one, card digits are typed in a frame from this
// origin and never reach the page; every request is made from a frame, so the page needs no permission to connect.
"use strict";

(() => {
  const ORIGIN = new URL(document.currentScript.src).origin;
  const ANSWER_MS_MAX = 60_000;
  let asked = 0;

  // A frame that is asked by message and answers by message. Only this frame, from this origin, is listened to.
  class Frame {
    constructor(path, attributes) {
      this.element = document.createElement("iframe");
      Object.assign(this.element, { src: `${ORIGIN}/v3/${path}`, ...attributes });
      this.listeners = new Map();
      this.ready = new Promise((resolve) => this.on("ready", resolve));
      this.hear = (message) => {
        if (message.source !== this.element.contentWindow || message.origin !== ORIGIN) return;
        for (const listener of this.listeners.get(message.data.type) ?? []) listener(message.data);
      };
      window.addEventListener("message", this.hear);
    }

    on(type, listener) {
      this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
    }

    tell(message) {
      this.element.contentWindow?.postMessage(message, ORIGIN);
    }

    async ask(message) {
      await this.ready;
      const turn = ++asked;
      return new Promise((resolve) => {
        const late = { error: { type: "api_connection_error", message: "The payment processor did not answer." } };
        const timer = setTimeout(() => resolve(late), ANSWER_MS_MAX);
        this.on("answer", (data) => {
          if (data.turn !== turn) return;
          clearTimeout(timer);
          resolve(data.answer);
        });
        this.tell({ ...message, turn });
      });
    }

    remove() {
      window.removeEventListener("message", this.hear);
      this.element.remove();
    }
  }

  class CardElement {
    constructor(key, options) {
      this.key = key;
      this.options = options;
      this.listeners = new Map();
      this.frame = null;
    }

    mount(place) {
      const parent = typeof place === "string" ? document.querySelector(place) : place;
      if (!parent) throw new Error(`stripe.js: there is nothing to mount the card element in: ${place}`);
      this.unmount();
      this.frame = new Frame("card-frame.html", { title: "Secure card payment input", allow: "payment" });
      Object.assign(this.frame.element.style, { border: "0", width: "100%", height: "5.5rem", display: "block" });
      this.frame.element.style.colorScheme = getComputedStyle(parent).colorScheme;
      this.frame.on("ready", () => {
        const scheme = getComputedStyle(parent).colorScheme;
        this.frame.tell({ type: "setup", options: this.options, scheme });
        this.emit("ready", {});
      });
      this.frame.on("height", ({ height }) => { this.frame.element.style.height = `${height}px`; });
      for (const type of ["change", "focus", "blur", "escape"]) {
        this.frame.on(type, ({ detail }) => this.emit(type, detail ?? {}));
      }
      parent.replaceChildren(this.frame.element);
    }

    unmount() {
      this.frame?.remove();
      this.frame = null;
    }

    destroy() {
      this.unmount();
      this.listeners.clear();
    }

    on(type, listener) {
      this.listeners.set(type, [...(this.listeners.get(type) ?? []), listener]);
      return this;
    }

    off(type, listener) {
      this.listeners.set(type, (this.listeners.get(type) ?? []).filter((known) => known !== listener));
      return this;
    }

    emit(type, detail) {
      for (const listener of this.listeners.get(type) ?? []) listener({ elementType: "card", ...detail });
    }

    focus() { this.frame?.tell({ type: "focus" }); }
    blur() { this.frame?.tell({ type: "blur" }); }
    clear() { this.frame?.tell({ type: "clear" }); }

    update(options) {
      this.options = { ...this.options, ...options };
      this.frame?.tell({ type: "setup", options: this.options });
    }

    async pay(billingDetails) {
      if (!this.frame) throw new Error("stripe.js: the card element is not mounted.");
      return this.frame.ask({ type: "create", key: this.key, billing_details: billingDetails ?? {} });
    }
  }

  class Elements {
    constructor(key) {
      this.key = key;
      this.element = null;
    }

    create(kind, options = {}) {
      if (kind !== "card") throw new Error(`stripe.js: this stand-in has only the element 'card', not '${kind}'.`);
      this.element = new CardElement(this.key, options);
      return this.element;
    }

    getElement() { return this.element; }
  }

  class Stripe {
    constructor(key) {
      if (!String(key).startsWith("pk_test_")) throw new Error("stripe.js: give a test publishable key: pk_test_…");
      this.key = key;
      this.controller = null;
    }

    elements() { return new Elements(this.key); }

    async createPaymentMethod({ type, card, billing_details: billingDetails }) {
      if (type !== "card" || !(card instanceof CardElement)) {
        throw new Error("stripe.js: this stand-in creates payment methods from a card element only.");
      }
      return card.pay(billingDetails);
    }

    async confirmCardPayment(secret, data = {}) {
      return this.#confirm("payment_intent", secret, data);
    }

    async confirmCardSetup(secret, data = {}) {
      return this.#confirm("setup_intent", secret, data);
    }

    // Opens a dialog in which the customer links a bank account. Closing it leaves the intent as it was.
    async collectBankAccountForSetup({ clientSecret, params }) {
      const billing = params?.payment_method_data?.billing_details ?? {};
      if (params?.payment_method_type !== "us_bank_account" || !billing.name) {
        throw new Error("stripe.js: collectBankAccountForSetup takes the type 'us_bank_account' and the owner's name.");
      }
      const known = await this.#request("retrieve", "setup_intent", clientSecret);
      if (known.error) return known;
      const options = known.object.payment_method_options?.us_bank_account;
      if (!options) throw new Error("stripe.js: this SetupIntent takes no bank account.");
      const asked = { key: this.key, secret: clientSecret, billing, verification: options.verification_method };
      const answer = await this.#linkBankAccount(asked);
      return named(answer ?? await this.#request("retrieve", "setup_intent", clientSecret));
    }

    async confirmUsBankAccountSetup(secret, data = {}) {
      const method = data.payment_method;
      if (method && typeof method !== "string") {
        throw new Error("stripe.js: link the account with collectBankAccountForSetup; its digits have no place in a page.");
      }
      return named(await this.#request("confirm", "setup_intent", secret, method ? { payment_method: method } : {}));
    }

    async verifyMicrodepositsForSetup(secret, { amounts = [], descriptor_code: code }) {
      const form = code ? { descriptor_code: code } : Object.fromEntries(amounts.map((each, at) => [`amounts[${at}]`, each]));
      return named(await this.#request("verify_microdeposits", "setup_intent", secret, form));
    }

    async handleNextAction({ clientSecret }) {
      const kind = clientSecret.startsWith("seti_") ? "setup_intent" : "payment_intent";
      const answer = await this.#request("retrieve", kind, clientSecret);
      return this.#finish(kind, clientSecret, answer);
    }

    async handleCardAction(clientSecret) { return this.handleNextAction({ clientSecret }); }
    async retrievePaymentIntent(secret) { return named(await this.#request("retrieve", "payment_intent", secret)); }
    async retrieveSetupIntent(secret) { return named(await this.#request("retrieve", "setup_intent", secret)); }

    async #confirm(kind, secret, data) {
      const form = {};
      const method = data.payment_method;
      if (typeof method === "string") form.payment_method = method;
      if (method && typeof method === "object") {
        const made = await this.createPaymentMethod({ type: "card", ...method });
        if (made.error) return made;
        form.payment_method = made.paymentMethod.id;
      }
      return this.#finish(kind, secret, await this.#request("confirm", kind, secret, form));
    }

    async #finish(kind, secret, answer) {
      if (answer.error || answer.object.status !== "requires_action") return named(answer);
      const action = answer.object.next_action;
      await this.#authenticate(action.use_stripe_sdk?.stripe_js ?? action.redirect_to_url.url);
      return named(await this.#request("retrieve", kind, secret));
    }

    async #linkBankAccount(asked) {
      const dialog = document.createElement("dialog");
      dialog.setAttribute("aria-label", "Link a bank account");
      Object.assign(dialog.style, { width: "min(28rem, 95vw)", padding: "0", border: "0", borderRadius: "12px" });
      const frame = new Frame("bank-frame.html", { title: "Link a bank account" });
      Object.assign(frame.element.style, { width: "100%", height: "36rem", border: "0", display: "block" });
      dialog.append(frame.element);
      document.body.append(dialog);
      const answer = await new Promise((resolve) => {
        frame.on("ready", () => { frame.element.focus(); frame.tell({ type: "setup", ...asked }); });
        frame.on("height", ({ height }) => { frame.element.style.height = `min(${height}px, 90vh)`; });
        frame.on("linked", (data) => resolve(data.answer));
        frame.on("cancelled", () => resolve(null));
        dialog.addEventListener("cancel", () => resolve(null));
        dialog.showModal();
      });
      frame.remove();
      dialog.remove();
      return answer;
    }

    // A dialog over the page with the bank's page in it; closing it is the customer's refusal.
    async #authenticate(url) {
      const dialog = document.createElement("dialog");
      dialog.setAttribute("aria-label", "Authentication by your bank");
      Object.assign(dialog.style, { width: "min(28rem, 95vw)", height: "22rem", padding: "0", border: "0" });
      const frame = new Frame(new URL(url).pathname.replace("/v3/", "") + new URL(url).search, {
        title: "Authentication by your bank",
      });
      Object.assign(frame.element.style, { width: "100%", height: "100%", border: "0", display: "block" });
      dialog.append(frame.element);
      document.body.append(dialog);
      await new Promise((resolve) => {
        frame.on("authenticated", resolve);
        dialog.addEventListener("cancel", (event) => { event.preventDefault(); frame.tell({ type: "refuse" }); });
        dialog.showModal();
      });
      frame.remove();
      dialog.remove();
    }

    async #request(verb, kind, secret, form = {}) {
      if (!this.controller) {
        this.controller = new Frame("controller.html", { hidden: true, title: "Payment processor", tabIndex: -1 });
        this.controller.element.setAttribute("aria-hidden", "true");
        document.body.append(this.controller.element);
      }
      return this.controller.ask({ type: "request", key: this.key, verb, kind, secret, form });
    }
  }

  function named(answer) {
    if (answer.error) return answer;
    const failed = answer.object.last_payment_error ?? answer.object.last_setup_error;
    if (failed && answer.object.status === "requires_payment_method") return { error: failed };
    return { [answer.object.object === "setup_intent" ? "setupIntent" : "paymentIntent"]: answer.object };
  }

  window.Stripe = (key) => new Stripe(key);
  window.Stripe.version = "stand-in";
})();
