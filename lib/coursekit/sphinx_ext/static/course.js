// Tables that are wider than the page scroll in a box of their own. Such a box must be reached by keyboard.
(() => {
  function mark() {
    for (const box of document.querySelectorAll(".pst-scrollable-table-container")) {
      const scrolls = box.scrollWidth > box.clientWidth;
      for (const [name, value] of [["tabindex", "0"], ["role", "region"], ["aria-label", "Table that scrolls sideways"]]) {
        if (scrolls) box.setAttribute(name, value);
        else box.removeAttribute(name);
      }
    }
  }
  addEventListener("load", mark);
  addEventListener("resize", mark);
})();
