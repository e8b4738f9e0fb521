/* A bank account. Its numbers are typed into Stripe's own window; the form only says that its owner agreed. */
(() => {
  "use strict";

  const form = document.querySelector("form[data-bank-form]");
  if (!form) return;
  const LINKED = "requires_confirmation";
  const button = form.querySelector("button[data-busy]");
  const idle = button.textContent;

  const say = (words) => { form.querySelector("#bank-error").textContent = words; };

  const lock = (busy) => {
    button.disabled = busy;
    button.textContent = busy ? button.dataset.busy : idle;
  };

  const link = async () => {
    const name = form.querySelector("[data-holder]").value;
    const { setupIntent, error } = await window.Stripe(form.dataset.key).collectBankAccountForSetup({
      clientSecret: form.dataset.secret,
      params: { payment_method_type: "us_bank_account", payment_method_data: { billing_details: { name } } },
    });
    if (error) throw error;
    return setupIntent.status === LINKED;
  };

  form.addEventListener("submit", async (event) => {
    if (form.dataset.status !== "requires_payment_method") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!window.Stripe) {
      say("Stripe's window could not be loaded. Check your connection and load the page again.");
      return;
    }
    say("");
    lock(true);
    try {
      if (await link()) form.submit();
      else {
        lock(false);
        say("No account was chosen. Nothing was saved.");
      }
    } catch (error) {
      lock(false);
      say(error.message || "The account could not be linked. Nothing was saved. Try again.");
    }
  }, true);
})();
