/* Conveniences; every page works without it. ES5: built-in browsers of chat programs are old. Apache-2.0, as all here. */
(function () {
  "use strict";

  // What was typed outlives a reload, a lost session, a closed page: forms with data-keep, until they are sent.
  function keep(form) {
    var name = "wenfeng " + location.pathname + " " + form.getAttribute("data-keep");
    function fields() { return form.querySelectorAll("textarea, input[type=text], input:not([type])"); }
    try {
      var kept = JSON.parse(sessionStorage.getItem(name) || "{}");
      Array.prototype.forEach.call(fields(), function (field) {
        if (field.name && !field.value && kept[field.name]) { field.value = kept[field.name]; }
      });
      form.addEventListener("input", function () {
        var now = {};
        Array.prototype.forEach.call(fields(), function (field) { if (field.name) { now[field.name] = field.value; } });
        sessionStorage.setItem(name, JSON.stringify(now));
      });
      form.addEventListener("submit", function () { sessionStorage.removeItem(name); });
    } catch (error) { /* no storage: then nothing is kept */ }
  }

  // A part with data-refresh="ADDRESS" is fetched anew every data-every seconds, while the page is looked at.
  function refresh(part) {
    var every = 1000 * (parseInt(part.getAttribute("data-every"), 10) || 30);
    setInterval(function () {
      if (document.hidden || part.contains(document.activeElement)) { return; }
      var request = new XMLHttpRequest();
      request.open("GET", part.getAttribute("data-refresh"));
      request.setRequestHeader("X-Part", "1");
      request.onload = function () {  // a whole page is that of signing in
        if (request.status === 200 && request.responseText.indexOf("<html") < 0) { part.innerHTML = request.responseText; }
      };
      request.send();
    }, every);
  }

  // A button with data-copy="ID" copies that element's text.
  function copying(button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      var from = document.getElementById(button.getAttribute("data-copy"));
      var range = document.createRange();
      range.selectNodeContents(from);
      var chosen = window.getSelection();
      chosen.removeAllRanges();
      chosen.addRange(range);
      button.textContent = document.execCommand("copy") ? "已复制" : "请手动复制";
      chosen.removeAllRanges();
    });
  }

  // A form is sent once.
  function once(form) {
    form.addEventListener("submit", function () {
      setTimeout(function () {
        Array.prototype.forEach.call(form.querySelectorAll("button"), function (button) { button.disabled = true; });
      }, 0);
    });
  }

  function each(selector, what) { Array.prototype.forEach.call(document.querySelectorAll(selector), what); }
  each("form[data-keep]", keep);
  each("[data-refresh]", refresh);
  each("[data-copy]", copying);
  each("form[method=post]:not([data-again])", once);  // a download leaves its page as it is
  window.addEventListener("pageshow", function (event) {  // back from the next page: buttons work again
    if (event.persisted) { each("form[method=post] button", function (button) { button.disabled = false; }); }
  });
}());
