# Habits of the project. Every recipe is a step of .ci/run, so that a laptop and CI cannot drift apart.

# What CI runs.
check:
    .ci/run

# The test suite, as the README says it.
test:
    .ci/run test

# Formats the code (CI only looks).
fmt:
    cargo fmt --all

# Formatting and clippy.
lint:
    .ci/run fmt clippy

# The documentation, warnings denied.
doc:
    .ci/run doc

# Licences, bans, sources and advisories.
deny:
    .ci/run deny advisories

# What the packages may not depend on.
tree:
    .ci/run tree

# The compiler's messages for a newcomer's mistakes.
ui:
    .ci/run ui

# What validation and authentication cost (docs/performance.md); takes about three minutes.
bench:
    .ci/run bench

# Instructions of a warm request, by valgrind.
bench-instructions:
    .ci/run bench_instructions

# Against a real server: `just interop fief`.
interop server:
    tests/interop/run {{ server }}

# With a real browser, through the whole demo; the screenshots are in target/browser.
browser example="web-axum":
    tests/browser/run {{ example }}
