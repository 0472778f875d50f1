"""A small project whose tests hang on what imports execute, on caches, fixtures, registries and files, and its history."""

from __future__ import annotations

FILES: dict[str, str | bytes] = {
    ".gitignore": "__pycache__/\n",
    "pytest.ini": "[pytest]\naddopts = -p no:randomly -p no:xdist -p no:hypothesispytest\n",
    "shop/__init__.py": "from shop.prices import price\n\n__all__ = ['price']\n",
    "shop/limits.py": "MOST = 10\nLEAST = 1\n\n\ndef within(number, least=LEAST, most=MOST):\n"
    "    return least <= number <= most\n",
    "shop/units.py": "KNOWN = {}\n\n\ndef unit(name, factor=1):\n    def keep(function):\n"
    "        KNOWN[name] = (function, factor)\n        return function\n    return keep\n\n\n"
    "@unit('piece')\ndef piece(number):\n    return number\n\n\n"
    "@unit('dozen', 12)\ndef dozen(number):\n    return number\n\n\n"
    "def count(name, number):\n    function, factor = KNOWN[name]\n    return function(number) * factor\n",
    "shop/prices.py": "from functools import lru_cache\nfrom pathlib import Path\n\nfrom shop.limits import within\n\n"
    "TABLE = Path(__file__).parent / 'table.txt'\n\n\n"
    "@lru_cache\ndef table():\n    return dict(parsed(line) for line in TABLE.read_text().splitlines())\n\n\n"
    "def parsed(line):\n    name, _, cost = line.partition('=')\n    return name, int(cost)\n\n\n"
    "def price(name, number=1):\n    if not within(number):\n        raise ValueError(number)\n"
    "    return table()[name] * number\n",
    "shop/table.txt": "apple=3\npear=4\n",
    "shop/basket.py": "from shop.prices import price\nfrom shop.units import count\n\n\nclass Basket:\n"
    "    currency = 'EUR'\n    rebate = 2\n\n    def __init__(self):\n        self.items = []\n\n"
    "    def put(self, name, number=1, unit='piece'):\n        self.items.append((name, count(unit, number)))\n\n"
    "    def total(self):\n        total = sum(price(name, number) for name, number in self.items)\n"
    "        return total - self.rebate if total > 20 else total\n\n"
    "    def __str__(self):\n        return f'{self.total()} {self.currency}'\n",
    "shop/aside.py": "def never(a):\n    return a + 1\n\n\ndef greeting(name):\n    return 'Hello ' + name\n",
    "tests/conftest.py": "import pytest\n\nfrom shop.basket import Basket\n\n\n"
    "@pytest.fixture(scope='session')\ndef full():\n    basket = Basket()\n    basket.put('apple', 8)\n    return basket\n",
    "tests/test_basket.py": "from shop.basket import Basket\n\n\ndef test_empty():\n    assert Basket().total() == 0\n\n\n"
    "def test_rebate(full):\n    assert full.total() == 22\n\n\ndef test_text(full):\n    assert str(full) == '22 EUR'\n\n\n"
    "def test_two():\n    basket = Basket()\n    basket.put('pear', 2)\n    assert basket.total() == 8\n",
    "tests/test_prices.py": "import pytest\n\nfrom shop import price\nfrom shop.prices import parsed\n\n\n"
    "@pytest.mark.parametrize(('name', 'cost'), [('apple', 3), ('pear', 4)])\n"
    "def test_price(name, cost):\n    assert price(name) == cost\n\n\n"
    "def test_many():\n    with pytest.raises(ValueError, match='11'):\n        price('apple', 11)\n\n\n"
    "def test_parsed():\n    assert parsed('plum=5') == ('plum', 5)\n",
    "tests/test_units.py": "from shop.units import KNOWN, count\n\n\ndef test_dozen():\n    assert count('dozen', 2) == 24\n\n\n"
    "def test_known():\n    assert sorted(KNOWN) == ['dozen', 'piece']\n",
    "tests/test_aside.py": "from shop.aside import greeting\nfrom shop.limits import within\n\n\n"
    "def test_greeting():\n    assert greeting('you') == 'Hello you'\n\n\ndef test_within():\n    assert within(10)\n"
    "    assert not within(11)\n",
}  # fmt: skip
"""What the project begins with, by path."""


def changed(path: str, old: str, new: str) -> dict[str, str | bytes]:
    """A file of the project with one text in place of another."""
    text = FILES[path]
    assert isinstance(text, str)
    assert text.count(old) == 1, (path, old)
    return {path: text.replace(old, new)}


HISTORY: tuple[dict[str, str | bytes], ...] = (
    changed("shop/aside.py", "'Hello '", "'Hullo '"),  # a test fails, and stays so for a while
    {"README.md": "Read me.\n"},
    changed("shop/basket.py", "rebate = 2", "rebate = 3"),
    {**changed("shop/aside.py", "a + 1", "a + 2"), "shop/basket.py": FILES["shop/basket.py"]},
    changed("shop/limits.py", "least <= number <= most", "number >= least and number <= most"),
)
"""What each commit after the first one writes."""
