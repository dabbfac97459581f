#!/usr/bin/env bash
# What the tests of the page in a real browser need: Chromium, its driver, and a font with Chinese, Japanese, Korean.
set -euo pipefail
command -v chromedriver >/dev/null && command -v chromium >/dev/null && fc-list 2>/dev/null | grep -qi "cjk" && exit 0
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium chromium-driver fonts-noto-cjk >/dev/null
