// The preview of a certificate template: what is in the form now, posted to a tab of its own.
"use strict";
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-preview]");
  const form = button?.closest("form");
  if (!form) return;
  // The form's own button must stay its first, so that Enter saves.
  const submit = document.createElement("button");
  submit.hidden = true;
  submit.formAction = button.dataset.preview;
  submit.formTarget = "_blank";
  submit.formNoValidate = true;
  form.append(submit);
  form.requestSubmit(submit);
  submit.remove();
});
