/* Screening by keyboard and by swipe; the buttons do without it. ES5, as console.js. */
(function () {
  "use strict";
  var cards = Array.prototype.slice.call(document.querySelectorAll(".queue > .card"));
  var at = -1, PLACE = "wenfeng screening place";

  function go(to) {
    if (to < 0 || to >= cards.length) { return; }
    if (cards[at]) { cards[at].classList.remove("current"); }
    at = to;
    cards[at].classList.add("current");
    cards[at].focus();
    cards[at].scrollIntoView({ block: "nearest" });
  }

  // 6 is the page's own, the others are of the card at hand: the first one until j or k was pressed.
  function press(key) {
    var card = cards[at] || cards[0];
    var found = key === "6" ? document.querySelector(".undo [data-key='6']") : card && card.querySelector("[data-key='" + key + "']");
    if (!found) { return; }
    if (key === "5") {
      found.parentNode.open = true;
      found.parentNode.querySelector("input").focus();
    } else {
      try { sessionStorage.setItem(PLACE, String(key === "6" ? -1 : at)); } catch (error) { /* then it begins anew */ }
      found.click();
    }
  }

  document.addEventListener("keydown", function (event) {
    var tag = event.target.tagName;
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) { return; }
    if (tag === "INPUT" || tag === "SELECT" || tag === "TEXTAREA") { return; }
    var key = { c: "5", u: "6" }[event.key] || event.key;
    if (key === "j") { go(at + 1); } else if (key === "k") { go(at - 1); } else if (/^[1-6]$/.test(key)) { press(key); } else { return; }
    event.preventDefault();
  });

  // A swipe begins away from the screen's edges, which browsers keep for going back, and is more sideways than not.
  var FAR = 90;
  function swiping(card) {
    var from = null;
    function way(touch) {
      var x = touch.clientX - from.x, y = Math.abs(touch.clientY - from.y);
      return Math.abs(x) < FAR || y > Math.abs(x) / 2 ? "" : x < 0 ? "negative" : "positive";
    }
    function mark(name) {
      ["negative", "positive"].forEach(function (one) {
        var button = card.querySelector("." + one);
        if (button) { button.classList[one === name ? "add" : "remove"]("meant"); }
      });
    }
    card.addEventListener("touchstart", function (event) {
      var touch = event.touches[0], x = touch.clientX;
      var free = event.touches.length === 1 && x > 24 && x < window.innerWidth - 24 && window.innerWidth <= 640;
      from = free && !/^(INPUT|SELECT)$/.test(event.target.tagName) ? { x: x, y: touch.clientY } : null;
    }, { passive: true });
    card.addEventListener("touchmove", function (event) { if (from) { mark(way(event.touches[0])); } }, { passive: true });
    card.addEventListener("touchcancel", function () { from = null; mark(""); });
    card.addEventListener("touchend", function (event) {
      var meant = from ? way(event.changedTouches[0]) : "";
      from = null;
      var button = meant && card.querySelector("button." + meant);
      if (button) { button.click(); }
    });
  }
  cards.forEach(swiping);

  // Behind an act by keyboard the next post is at hand, where the one before stood.
  try {
    var place = parseInt(sessionStorage.getItem(PLACE), 10);
    sessionStorage.removeItem(PLACE);
    if (place >= 0) { go(Math.min(place, cards.length - 1)); }
  } catch (error) { /* no storage */ }
}());
