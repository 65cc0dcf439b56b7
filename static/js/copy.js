// Puts a button that copies behind each address that is there to be copied.
(() => {
  if (!navigator.clipboard) return;
  for (const code of document.querySelectorAll("[data-copy]")) {
    const row = document.createElement("p"), button = document.createElement("button");
    row.className = "row";
    button.type = "button";
    button.textContent = "Copy the address";
    button.onclick = async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
      }
    };
    row.append(button);
    code.after(row);
  }
})();
