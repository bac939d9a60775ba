"""Dates and numbers in words: one reading each, and what each language does."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlarch.spelling import DATE_FORMATS, NUMBER_WORDS

# Dates

MONTHS = """january jan januar janvier enero|february feb februar février febrero|march mar märz mars marzo
april apr avril abril|may mai mayo|june jun juni juin junio|july jul juli juillet julio|august aug août agosto
september sep septembre septiembre|october oct oktober octobre octubre|november nov novembre noviembre
december dec dezember décembre diciembre""".replace("\n", "|")
MONTH = {word: number for number, words in enumerate(MONTHS.split("|"), start=1) for word in words.split()}


def read(text: str) -> date:
    """A reader of dates that knows nothing of how they are written here: the order of numbers, and names of months."""
    numbers = [int(n) for n in re.findall(r"\d+", text)]
    names = [MONTH[word] for word in re.findall(r"[^\W\d]+", text.lower()) if word in MONTH]
    year = max(numbers)
    if names:
        (day,) = [n for n in numbers if n != year]
        return date(year, names[0], day)
    return date(*numbers) if numbers[0] == year else date(*reversed(numbers))


@given(day=st.dates(date(1900, 1, 1), date(2099, 12, 31)), way=st.sampled_from(sorted(DATE_FORMATS)))
def test_every_way_of_writing_a_date_has_one_reading(day, way):
    assert read(DATE_FORMATS[way](day)) == day


# Numbers in words

SPELLED = [  # where a language leaves the rule
    (0, "zero", "null", "zéro", "cero"),
    (1, "one", "eins", "un", "uno"),
    (16, "sixteen", "sechzehn", "seize", "dieciséis"),
    (21, "twenty-one", "einundzwanzig", "vingt et un", "veintiuno"),
    (30, "thirty", "dreißig", "trente", "treinta"),
    (71, "seventy-one", "einundsiebzig", "soixante et onze", "setenta y uno"),
    (80, "eighty", "achtzig", "quatre-vingts", "ochenta"),
    (81, "eighty-one", "einundachtzig", "quatre-vingt-un", "ochenta y uno"),
    (99, "ninety-nine", "neunundneunzig", "quatre-vingt-dix-neuf", "noventa y nueve"),
    (100, "one hundred", "einhundert", "cent", "cien"),
    (101, "one hundred and one", "einhunderteins", "cent un", "ciento uno"),
    (200, "two hundred", "zweihundert", "deux cents", "doscientos"),
    (515, "five hundred and fifteen", "fünfhundertfünfzehn", "cinq cent quinze", "quinientos quince"),
    (1000, "one thousand", "eintausend", "mille", "mil"),
    (2021, "two thousand and twenty-one", "zweitausendeinundzwanzig", "deux mille vingt et un", "dos mil veintiuno"),
    (7900, "seven thousand nine hundred", "siebentausendneunhundert", "sept mille neuf cents", "siete mil novecientos"),
]


@pytest.mark.parametrize("row", SPELLED, ids=lambda row: str(row[0]))
def test_numbers_are_spelled_as_each_language_does(row):
    assert tuple(write(row[0]) for write in NUMBER_WORDS.values()) == row[1:]


@pytest.mark.parametrize("language", NUMBER_WORDS)
def test_every_number_has_words_of_its_own(language):
    assert len({NUMBER_WORDS[language](n) for n in range(10_000)}) == 10_000
