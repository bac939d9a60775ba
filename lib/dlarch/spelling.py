"""Dates and whole numbers as people write them, in English, German, French and Spanish."""

from collections.abc import Callable
from datetime import date

_MONTHS = {
    "English": "January February March April May June July August September October November December",
    "German": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "French": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "Spanish": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}


def _month(language: str, day: date) -> str:
    return _MONTHS[language].split()[day.month - 1]


DATE_FORMATS: dict[str, Callable[[date], str]] = {
    "English, day first": lambda d: f"{d.day} {_month('English', d)} {d.year}",
    "English, month first": lambda d: f"{_month('English', d)} {d.day}, {d.year}",
    "English, short": lambda d: f"{_month('English', d)[:3]} {d.day} {d.year}",
    "German": lambda d: f"{d.day}. {_month('German', d)} {d.year}",
    "German, numbers": lambda d: f"{d.day}.{d.month}.{d.year}",
    "French": lambda d: f"{d.day} {_month('French', d)} {d.year}",
    "Spanish": lambda d: f"{d.day} de {_month('Spanish', d)} de {d.year}",
    "slashes, year first": lambda d: f"{d.year}/{d.month}/{d.day}",
}


_ONES = {
    "English": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
    "German": "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn",
    "French": "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept "
    "dix-huit dix-neuf",
    "Spanish": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis "
    "diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis "
    "veintisiete veintiocho veintinueve",
}
_TENS = {
    "English": "twenty thirty forty fifty sixty seventy eighty ninety",
    "German": "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "French": "vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt",
    "Spanish": "veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
}
_HUNDREDS = "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"


def _english(n: int) -> str:
    ones = _ONES["English"].split()
    if n >= 100:
        unit, name = (1000, "thousand") if n >= 1000 else (100, "hundred")
        rest = n % unit
        joint = " and " if 0 < rest < 100 else " "
        return f"{_english(n // unit)} {name}" + (joint + _english(rest) if rest else "")
    if n < 20:
        return ones[n]
    return _TENS["English"].split()[n // 10 - 2] + (f"-{ones[n % 10]}" if n % 10 else "")


def _german(n: int) -> str:
    ones = _ONES["German"].split()
    if n >= 100:
        unit, name = (1000, "tausend") if n >= 1000 else (100, "hundert")
        return ones[n // unit] + name + (_german(n % unit) if n % unit else "")
    if n < 20:
        return "eins" if n == 1 else ones[n]
    return (f"{ones[n % 10]}und" if n % 10 else "") + _TENS["German"].split()[n // 10 - 2]


def _french(n: int) -> str:
    ones = _ONES["French"].split()
    if n >= 100:
        unit, name = (1000, "mille") if n >= 1000 else (100, "cent")
        count, rest = divmod(n, unit)
        several = "s" if name == "cent" and count > 1 and not rest else ""
        return " ".join(([ones[count]] if count > 1 else []) + [name + several] + ([_french(rest)] if rest else []))
    if n < 20:
        return ones[n]
    tens, one = divmod(n, 10)
    if tens in (7, 9):  # counted on from sixty and from four times twenty
        one += 10
    joint = " et " if one in (1, 11) and tens < 8 else "-"
    end = "s" if n == 80 else ""
    return _TENS["French"].split()[tens - 2] + (joint + ones[one] if one else end)


def _spanish(n: int) -> str:
    ones = _ONES["Spanish"].split()
    if n >= 1000:
        count, rest = divmod(n, 1000)
        return " ".join(([ones[count]] if count > 1 else []) + ["mil"] + ([_spanish(rest)] if rest else []))
    if n >= 100:
        if n == 100:
            return "cien"
        return _HUNDREDS.split()[n // 100 - 1] + (f" {_spanish(n % 100)}" if n % 100 else "")
    if n < 30:
        return ones[n]
    return _TENS["Spanish"].split()[n // 10 - 2] + (f" y {ones[n % 10]}" if n % 10 else "")


NUMBER_WORDS: dict[str, Callable[[int], str]] = {
    "English": _english,
    "German": _german,
    "French": _french,
    "Spanish": _spanish,
}
