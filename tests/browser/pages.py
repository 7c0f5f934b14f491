"""How the tests open a browser, on which screens, and what no page may hold."""

PHONE, LAPTOP = {"width": 390, "height": 800}, {"width": 1280, "height": 800}

GROUND = "getComputedStyle(document.body).backgroundColor"

FORBIDDEN = (
    "iframe, object, embed, base, link, form, [style], [onerror], [onload], [onfocus], [onmouseover], [autofocus]"
)

# A browser that makes no requests to the network. Chromium has no sandbox of its own for root.
# Without shared memory: that of a browser would look like what an attack has left, where the suites run side by side.
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
SWITCHES += ["--disable-dev-shm-usage"]
SWITCHES += ["--disable-component-update", "--disable-sync"]
