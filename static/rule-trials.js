// Enter in the search for a record searches; it does not save the rule whose form it stands in.
"use strict";
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.id === "trial-find") event.preventDefault();
});
