# Makefile - the two commands of the README, and one that renews the pages. The build itself is
# CMake's: see CMakePresets.json.

.PHONY: run test docs

# Sets up what is missing, builds, and plays a session between two tern stacks.
run:
	@tools/setup.sh run
	@cmake --preset release --log-level=WARNING >/dev/null
	@cmake --build --preset release -j2 --target tern tern_locale
	@build/release/bin/tern play

# Sets up what is missing, builds with ASan and UBSan, and runs every test.
test:
	@tools/setup.sh test
	@cmake --preset dev --log-level=WARNING
	@cmake --build --preset dev -j2
	@ctest --preset dev --no-label-summary

# Builds both, runs the unit tests, and writes what the READMEs and docs/CONFORMANCE.md show of them.
docs:
	@tools/setup.sh test
	@cmake --preset release --log-level=WARNING >/dev/null
	@cmake --build --preset release -j2 --target tern tern_locale tern_static
	@python3 -B tests/docs/refresh.py
	@cmake --preset dev --log-level=WARNING
	@cmake --build --preset dev -j2
	@ctest --preset dev --no-label-summary -R '^unit\.'
	@python3 -B tests/docs/conformance.py
	@git status --short README.md README.ko.md docs
