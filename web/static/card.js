/* The card field. Its digits are typed into a frame of Stripe's and never reach the shop: what the form carries is an id. */
(() => {
  "use strict";

  const fields = new WeakMap();
  let stripe = null;

  const look = (field) => {
    const style = getComputedStyle(field);
    return { base: { color: style.color, fontSize: "16px", fontFamily: style.fontFamily } };
  };

  const say = (form, words) => {
    const place = form.querySelector("#card-error");
    if (place) place.textContent = words;
  };

  const mount = (form) => {
    const field = form.querySelector("[data-card]");
    if (!field || fields.has(form) || !field.offsetParent) return;
    if (!window.Stripe) {
      say(form, "The card field could not be loaded. Check your connection and load the page again.");
      return;
    }
    stripe ||= window.Stripe(field.dataset.key);
    const card = stripe.elements().create("card", { style: look(field) });
    card.mount(field);
    card.on("change", (event) => say(form, event.error ? event.error.message : ""));
    fields.set(form, card);
  };

  const mountAll = () => document.querySelectorAll("form[data-card-form]").forEach(mount);

  const lock = (form, busy) => {
    for (const button of form.querySelectorAll("button[data-busy]")) {
      if (busy) button.dataset.idle ||= button.textContent;
      button.disabled = busy;
      button.textContent = busy ? button.dataset.busy : button.dataset.idle;
    }
  };

  const wantsNew = (form) => {
    const chosen = form.querySelector("input[name=card]:checked");
    return !chosen || chosen.value === "new";
  };

  const pay = async (form) => {
    lock(form, true);
    try {
      const { paymentMethod, error } = await stripe.createPaymentMethod({ type: "card", card: fields.get(form) });
      if (error) throw error;
      form.querySelector("[data-card-id]").value = paymentMethod.id;
      form.submit();
    } catch (error) {
      lock(form, false);
      say(form, error.message || "The card could not be checked. Nothing was charged. Try again.");
      form.querySelector("[data-card]").focus();
    }
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-card-form]") || !wantsNew(form) || form.querySelector("[data-card-id]").value) return;
    event.preventDefault();
    mount(form);
    if (fields.has(form)) pay(form);
  }, true);
  document.addEventListener("change", (event) => {
    if (event.target.matches("input[name=card]")) mountAll();
  });
  document.addEventListener("toggle", mountAll, true);
  document.addEventListener("htmx:after:swap", mountAll);
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("[data-card-id]").forEach((input) => { input.value = ""; });
  });
  mountAll();
})();
