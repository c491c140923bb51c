"""Turns the decoder's terse complaint into a line an operator can act on: key, value, what is allowed, near spelling.

Keys are written as in the file, joined by dots; the third `[[command]]` table is `command#3`.
"""

import difflib
import re
from typing import Any

import msgspec

_COMPLAINT = re.compile(r"(?P<text>.*) - at `(?P<path>\$(\.\w+|\[\d+\]|\[\.\.\.\])*)`", re.DOTALL)
_STEP = re.compile(r"\.(?P<field>[^.\[]+)|\[(?P<index>\d+)\]|(?P<any>\[\.\.\.\])")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def explain(complaint: str, raw: object, kind: Any) -> str:
    """Say in one line what is wrong with `raw` as a `kind`, given the decoder's `complaint`."""
    match = _COMPLAINT.fullmatch(complaint)
    text, path = (match["text"], match["path"]) if match else (complaint, "$")
    try:
        key, value, info = _follow(path, complaint, raw, kind)
    except (KeyError, IndexError, TypeError):  # a quoted key that itself reads like the decoder's prose
        return f"the file is not allowed: {cut(complaint)}"
    where = f"[{key}]" if key else "the file"
    if text.startswith("Object contains unknown field `"):
        return _unknown_key(text.split("`", 1)[1][:-1], where, info)
    if text.startswith("Object missing required field `"):
        name = text.split("`")[1]
        wanted = describe(_field_info(_container(info, name), name))
        return f"{where} lacks the key '{name}'" + (f" ({wanted})" if wanted else "")
    wanted = describe(info)
    if not wanted or not text.startswith(("Expected", "Invalid enum value")):
        return f"{key or 'the file'} = {_short(value)}: {text[:1].lower()}{text[1:]}"
    return f"{key or 'the file'} = {_short(value)} is not allowed: expected {wanted}"


def join_key(key: str, name: str) -> str:
    """The dotted key of `name` inside `key`; names that TOML would have to quote are quoted."""
    name = cut(name if _BARE_KEY.fullmatch(name) else repr(name))
    return f"{key}.{name}" if key else name


def join_index(key: str, index: int) -> str:
    """The key of the item at `index` (from 0) of a list, counted as people do."""
    return f"{key}#{index + 1}"


def describe(info: Any) -> str:
    """What a key may hold, in words: 'a number from 0 to 1'. Empty when there is nothing to say."""
    name = type(info).__name__
    if name in {"IntType", "FloatType"}:
        return ("a whole number" if name == "IntType" else "a number") + _range(info)
    if name in {"LiteralType", "EnumType"}:
        values = info.values if name == "LiteralType" else [member.value for member in info.cls]
        return "one of " + ", ".join(map(repr, values))
    if name == "UnionType":
        return " or ".join(filter(None, (describe(part) for part in info.types)))
    if name in {"ListType", "VarTupleType"}:
        return f"a list{_lengths(info)} of {describe(info.item_type) or 'values'}"
    if name == "TupleType":
        return f"a list of {len(info.item_types)} values"
    if name == "StrType":
        return f"text matching {info.pattern}" if info.pattern else f"text{_lengths(info)}"
    if hasattr(info, "fields") or name == "DictType":
        return "a table"
    return _plain(name)


def _plain(name: str) -> str:
    """Words for the kinds that have no limits."""
    match name:
        case "BoolType":
            return "true or false"
        case "DateTimeType":
            return "a date and time such as 2029-09-24T00:00:00Z"
        case "BytesType":
            return "base64 text"
        case _:
            return ""


def _range(info: Any) -> str:
    """The allowed range of a number, both ends where both are set."""
    low, high = info.ge, info.le
    if low is not None and high is not None:
        return f" from {low} to {high}"
    words = (("at least", low), ("above", info.gt), ("at most", high), ("below", info.lt))
    limits = [f"{word} {limit}" for word, limit in words if limit is not None]
    return " " + " and ".join(limits) if limits else ""


def _lengths(info: Any) -> str:
    """The allowed length of a text or list."""
    low, high = info.min_length, info.max_length
    if low is None and high is None:
        return ""
    if low == high:
        return f" of length {low}"
    words = (("at least", low), ("at most", high))
    return " of length " + " and ".join(f"{word} {limit}" for word, limit in words if limit is not None)


def _follow(path: str, complaint: str, raw: Any, kind: Any) -> tuple[str, Any, Any]:
    """Walk `path` through the data and its type: the key in our words, the value there, the type there (or None)."""
    from msgspec import inspect  # only needed once something is wrong

    key, value = "", raw
    info: Any = inspect.type_info(kind)
    taken: list[str | int] = []
    for step in _STEP.finditer(path):
        info = _container(info, step["field"])
        if step["field"] is not None:
            name: str | int = step["field"]
            info = _field_info(info, str(name))
        elif step["index"] is not None:
            name = int(step["index"])
            info = _item_info(info, name)
        else:
            name = _culprit(complaint, raw, taken, kind)
            info = getattr(info, "value_type", None)
        key = join_index(key, name) if isinstance(name, int) else join_key(key, name)
        taken.append(name)
        value = value[name]
    return key, value, info


def _culprit(complaint: str, raw: Any, taken: list[str | int], kind: Any) -> str:
    """Which key of a free table the decoder meant: the one that, left alone in its table, earns the same complaint."""
    table: dict[str, Any] = raw
    for step in taken:
        table = table[step]  # type: ignore[index]  # the decoder came this way: str into tables, int into lists
    for name, value in table.items():
        try:
            msgspec.convert(_replaced(raw, taken, {name: value}), kind)
        except msgspec.ValidationError as error:
            if str(error) == complaint:
                return name
    return next(iter(table))


def _replaced(raw: Any, path: list[str | int], new: Any) -> Any:
    """A copy of `raw` with the part at `path` replaced."""
    if not path:
        return new
    copy = raw.copy()
    copy[path[0]] = _replaced(raw[path[0]], path[1:], new)
    return copy


def _container(info: Any, field: str | None) -> Any:
    """Out of 'table or nothing', or of several kinds of table, the one that the next step fits."""
    if type(info).__name__ != "UnionType":
        return info
    fitting = (
        [part for part in info.types if _field_info(part, field or "") is not None]
        if field
        else [part for part in info.types if type(part).__name__ != "NoneType"]
    )
    return fitting[0] if fitting else None


def _field_info(info: Any, name: str) -> Any:
    """The type of the field `name` of a table, None if it has none."""
    fields = getattr(info, "fields", ())
    return next((field.type for field in fields if field.encode_name == name), None)


def _item_info(info: Any, index: int) -> Any:
    """The type of the item at `index` of a list."""
    if hasattr(info, "item_type"):
        return info.item_type
    return info.item_types[index] if hasattr(info, "item_types") else None


def _unknown_key(name: str, where: str, info: Any) -> str:
    """Name the unknown key, and the known one it resembles, or all there are."""
    tables = getattr(info, "types", (info,))  # 'table or nothing' is two types
    known = [field.encode_name for table in tables for field in getattr(table, "fields", ())]
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return f"unknown key {name!r} in {where}; did you mean {near[0]!r}?"
    return f"unknown key {cut(repr(name))} in {where}; it may hold: {', '.join(known) or 'nothing'}"


def _short(value: Any) -> str:
    """The value as the file has it, cut to a length that keeps the line readable."""
    text = repr(value) if not isinstance(value, dict) else "{" + ", ".join(map(str, value)) + "}"
    return cut(text)


def cut(text: str) -> str:
    """No longer than keeps the line readable: names and values of a file may be of any length."""
    return text if len(text) <= 60 else text[:57] + "..."
