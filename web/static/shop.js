/* What the pages gain where JavaScript runs. Every form here works without it. */
(() => {
  "use strict";

  /* Steppers: each press shows at once and is sent when the fingers rest, so that three presses are one request with
     the final quantity and not three that race. */
  const REST_MS = 220;
  const wanted = new Map();
  let timer = 0;
  let sending = false;

  const fill = () => document.getElementById("fill");

  const show = (sku, quantity) => {
    const step = document.getElementById(`step-${sku}`);
    if (!step?.classList.contains("on")) return;
    step.querySelector("output").textContent = quantity;
    step.querySelector("[id^=less-]").value = `${sku}:${Math.max(quantity - 1, 0)}`;
    step.querySelector("[id^=more-]").value = `${sku}:${quantity + 1}`;
  };

  const send = () => {
    if (sending || !wanted.size || !window.htmx) return;
    const [sku, quantity] = wanted.entries().next().value;
    wanted.delete(sku);
    sending = true;
    window.htmx.ajax("POST", "/cart/lines", { source: fill(), swap: "none", values: { line: `${sku}:${quantity}` } });
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=line]");
    if (!button || !fill() || !window.htmx) return;
    event.preventDefault();
    const [sku, quantity] = button.value.split(":");
    wanted.set(sku, Number(quantity));
    show(sku, Number(quantity));
    clearTimeout(timer);
    timer = setTimeout(send, button.closest(".step.on") ? REST_MS : 0);
  });

  /* The form may be gone by now: a stale tab gets the current cart for its whole page. */
  const ours = (event) => event.detail.ctx?.sourceElement?.id === "fill";

  document.addEventListener("htmx:finally:request", (event) => {
    if (!ours(event)) return;
    sending = false;
    send();
  });

  document.addEventListener("htmx:error", (event) => {
    if (!ours(event)) return;
    wanted.clear();
    for (const line of fill()?.elements.seen.value.split(" ") ?? []) show(line.split(":")[0], Number(line.split(":")[1]));
    const words = document.createElement("p");
    words.textContent = "The shop could not be reached. Your cart is as it was.";
    document.getElementById("said").replaceChildren(words);
  });

  /* A shelf that was swapped may be older than what was pressed meanwhile; and a button that had the focus may be gone. */
  document.addEventListener("htmx:after:swap", () => {
    wanted.forEach((quantity, sku) => show(sku, quantity));
    if (document.activeElement === document.body && last) document.getElementById(last)?.focus();
  });
  let last = "";
  document.addEventListener("focusin", (event) => {
    last = event.target.closest(".step") ? `more-${event.target.id.replace(/^(less|more)-/, "")}` : "";
  });

  /* A form that must not be sent twice says so at once. The server would take it once in any case. */
  const lock = (form, busy) => {
    for (const button of form.querySelectorAll(busy ? "button:enabled" : "button[data-idle]")) {
      if (busy) button.dataset.idle = button.textContent;
      if (button.dataset.busy) button.textContent = busy ? button.dataset.busy : button.dataset.idle;
      button.disabled = busy;
    }
  };
  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-once]") && !event.defaultPrevented) setTimeout(() => lock(event.target, true));
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[data-once]").forEach((form) => lock(form, false));
  });

  /* A menu that is open closes when somebody presses elsewhere, or Escape. */
  const menus = () => document.querySelectorAll("details[name=menu][open]");
  document.addEventListener("click", (event) => {
    for (const menu of menus()) menu.open = menu.contains(event.target);
  });
  document.addEventListener("keydown", (event) => {
    for (const menu of event.key === "Escape" ? menus() : []) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  /* What went wrong is where the eyes and the screen reader should be. */
  document.querySelector("[autofocus]")?.focus();

  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
