"""What every page must be: readable on a telephone, by a screen reader, and without anything from elsewhere."""

import math

NARROW, HEIGHT = 360, 740

# Each gives a list of what is wrong; an empty one is good.
STRUCTURE = """
const wrong = [], every = css => [...document.querySelectorAll(css)], one = css => every(css).length == 1;
if (document.compatMode != "CSS1Compat") wrong.push("quirks mode");
if (!document.documentElement.lang) wrong.push("no language");
if (!document.title.trim()) wrong.push("no title");
if (!one("h1")) wrong.push("not exactly one h1");
if (!one("meta[name=viewport]")) wrong.push("no viewport");
if (every("script").length && !every("form").length) wrong.push("a script, and nothing that it could post");
const ids = every("[id]").map(element => element.id);
if (new Set(ids).size != ids.length) wrong.push("an id twice");
for (const control of every("input:not([type=hidden]), select, textarea"))
  if (!control.labels.length) wrong.push("a field without a label: " + control.name);
for (const control of every("a, button"))
  if (!control.textContent.trim()) wrong.push("no words on " + control.outerHTML);
const elsewhere = performance.getEntriesByType("resource").map(entry => entry.name);
return wrong.concat(elsewhere.map(name => "loads " + name));
"""
TOO_WIDE = "return [document.documentElement.scrollWidth, innerWidth]"
# WCAG 2.2, 1.4.3: 4.5 to 1, for every element with words of its own.
FAINT = """
const channels = colour => colour.match(/[\\d.]+/g).map(Number);
const linear = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const luminance = ([red, green, blue]) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
const ground = element => {
  for (; element; element = element.parentElement) {
    const colour = channels(getComputedStyle(element).backgroundColor);
    if (colour.length == 3 || colour[3] == 1) return colour;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
};
const faint = [];
for (const element of document.body.querySelectorAll("*")) {
  if (![...element.childNodes].some(node => node.nodeType == 3 && node.data.trim())) continue;
  if (["STYLE", "SCRIPT"].includes(element.tagName)) continue;
  const colours = [channels(getComputedStyle(element).color), ground(element)];
  const [dark, light] = colours.map(luminance).sort((a, b) => a - b);
  const contrast = (light + 0.05) / (dark + 0.05);
  if (contrast < 4.5) faint.push(`${contrast.toFixed(1)}: ${element.textContent.trim().slice(0, 40)}`);
}
return faint;
"""
# Sends a form to an address, as a page may do that somebody else has made.
POST = """
const form = document.createElement("form");
form.method = "post";
form.action = arguments[0];
document.body.append(form);
form.submit();
"""


def is_sound(report, name, browser):
    report.equal(f"{name}: its structure", browser.run(STRUCTURE), [])
    report.equal(f"{name}: the contrast of its words", browser.run(FAINT), [])
    in_the_dark(browser, lambda: report.equal(f"{name}: their contrast in the dark", browser.run(FAINT), []))
    with_narrow_screen(browser, lambda: fits(report, name, browser))


def fits(report, name, browser):
    wide, narrow = browser.run(TOO_WIDE)
    report.that(f"{name}: fits {NARROW} pixels", wide <= narrow == NARROW, f"{wide} in {narrow}")


def with_narrow_screen(browser, action):
    """On a telephone that is as high as the page, so that a picture shows all of it."""
    screen = {"width": NARROW, "deviceScaleFactor": 2, "mobile": True}
    try:
        browser.devtools("Emulation.setDeviceMetricsOverride", height=HEIGHT, **screen)
        size = browser.devtools("Page.getLayoutMetrics")["cssContentSize"]
        browser.devtools("Emulation.setDeviceMetricsOverride", height=max(HEIGHT, math.ceil(size["height"])), **screen)
        browser.devtools("Emulation.setScrollbarsHidden", hidden=True)
        action()
    finally:
        browser.devtools("Emulation.clearDeviceMetricsOverride")
        browser.devtools("Emulation.setScrollbarsHidden", hidden=False)


def in_the_dark(browser, action):
    """With the colours for people who asked their system for dark ones."""
    browser.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    try:
        action()
    finally:
        browser.devtools("Emulation.setEmulatedMedia", features=[])


class Album:
    """The screenshots of one run; of each page the first time that it is shown."""

    def __init__(self, folder):
        self.folder, self.names = folder, []
        for old in folder.glob("[0-9][0-9]-*.png"):
            old.unlink()

    def has(self, name):
        return name in self.names

    def keep(self, browser, name):
        if self.has(name):
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self.names.append(name)
        stem = f"{len(self.names):02}-" + "".join(letter if letter.isalnum() else "-" for letter in name.lower())
        take = lambda kind: browser.screenshot(self.folder / f"{stem}{kind}.png")
        take("")
        in_the_dark(browser, lambda: take("-dark"))
        with_narrow_screen(browser, lambda: take(f"-{NARROW}"))
        in_the_dark(browser, lambda: with_narrow_screen(browser, lambda: take(f"-{NARROW}-dark")))
