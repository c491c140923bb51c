"""The result folder: what a run leaves behind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from ground.archive import Archive
from ground.run_data import (
    EVENTS_FILE,
    MAP_FILE,
    PRODUCTS_FOLDER,
    RESULT_FILE,
    TELEMETRY_FILE,
    TRUTH_FILE,
    MapGrid,
    Waypoint,
    write_map,
    write_truth,
)
from hal.api.clock import NS_PER_S
from hal.api.config import ConfigError
from telemetry_defs.formats import DecodedTm

if TYPE_CHECKING:  # loads the simulation, which a recording of a real rover does without
    from sil.mission import Mission
    from sil.result import Result

SCENARIO_FILE: Final = "scenario.toml"
DOWNLINK_FILE: Final = "downlink.bin"
UPLINK_FILE: Final = "uplink.jsonl"
FAULTS_FILE: Final = "faults.jsonl"
"""Every activation and every end of a fault."""
MAP_CELLS: Final = 120
MAP_MARGIN_M: Final = 5.0


def prepare_folder(out: Path) -> None:
    """Make `out`.  Raises `ConfigError` if it is a file or a folder with something in it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise ConfigError(str(out), "the output folder is not empty; choose another one or remove it")
    except OSError as error:
        raise ConfigError(str(out), f"--out: expected a folder that can be written to ({error.strerror})") from None


def default_folder(scenario: str, seed: int) -> Path:
    """Make and return the first `runs/NAME-SEED-N` that did not exist; two runs at once never share one.

    Raises:
        ConfigError: nothing can be made here.
    """
    return numbered_folder(f"{scenario}-{seed}")


def numbered_folder(stem: str) -> Path:
    """Make and return the first `runs/STEM-N` that did not exist.

    Raises:
        ConfigError: nothing can be made here.
    """
    number = 1
    while True:
        path = Path("runs") / f"{stem}-{number}"
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            number += 1
        except OSError as error:
            raise ConfigError(str(path), f"cannot be made here ({error.strerror}); name a folder with --out") from None
        else:
            return path


def write_scenario(out: Path, mission: Mission) -> None:
    """What is flown; written before take-off too, so that a run that was cut short can be repeated."""
    from sil.scenario_text import to_toml

    (out / SCENARIO_FILE).write_text(to_toml(mission.scenario, mission.seed, mission.prefix), encoding="utf-8")


def write_folder(out: Path, mission: Mission, result: Result, *, pictures: bool) -> None:
    """Everything but the telemetry archive, which is there already."""
    write_scenario(out, mission)
    (out / DOWNLINK_FILE).write_bytes(mission.recorder.stream())
    (out / UPLINK_FILE).write_bytes(b"".join(uplink_line(*item) for item in mission.uplinked))
    (out / EVENTS_FILE).write_bytes(b"".join(_event_lines(mission)))
    (out / FAULTS_FILE).write_bytes(b"".join(_fault_lines(mission)))
    write_truth(out / TRUTH_FILE, mission.simulation.truth.columns, mission.simulation.truth.rows())
    write_map(out / MAP_FILE, _map(mission))
    (out / RESULT_FILE).write_bytes(result.to_json())
    mission.products.save(out / PRODUCTS_FOLDER)
    if pictures:
        draw(out)


def recorded_sha256(folder: Path) -> str | None:
    """SHA-256 of the downlink of a finished run, None if it did not finish."""
    try:
        result = msgspec.json.decode((folder / RESULT_FILE).read_bytes(), type=dict[str, object])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return str(result.get("downlink_sha256"))


def draw(out: Path) -> None:
    """(Re)make picture and report of a result folder."""
    from ground.pictures import draw_pictures  # matplotlib and plotly: half a second that a run without pictures saves

    draw_pictures(out)


def roll_back(folder: Path) -> None:
    """Undo what a killed writer of the telemetry was in the middle of, which a reader alone must not."""
    if (folder / f"{TELEMETRY_FILE}-journal").exists():
        Archive(folder / TELEMETRY_FILE).close()


def uplink_line(t_ns: int, radio: str, data: bytes) -> bytes:
    """Return one line of `uplink.jsonl`."""
    return msgspec.json.encode({"t_ns": t_ns, "radio": radio, "hex": data.hex()}) + b"\n"


def event_line(tm: DecodedTm, **times_s: float) -> bytes:
    """Return one line of `events.jsonl`; `times_s` are times of the run by name, `t_s` the rover's own."""
    times = {name: round(time_s, 6) for name, time_s in times_s.items()}
    head = {"name": tm.name, "severity": None if tm.severity is None else tm.severity.name}
    fields = {key: _plain(value) for key, value in tm.fields.items()}
    return msgspec.json.encode({**times, **head, "fields": fields}) + b"\n"


def _event_lines(mission: Mission) -> list[bytes]:
    return [
        event_line(tm, t_s=(tm.time_ns - mission.start_gps_ns) / NS_PER_S, sent_s=sent_ns / NS_PER_S)
        for sent_ns, tm in mission.recorder.events()
    ]


def _fault_lines(mission: Mission) -> list[bytes]:
    return [
        msgspec.json.encode(
            {
                "t_s": round(change.t_ns / NS_PER_S, 6),
                "device": change.device,
                "kind": change.kind,
                "level": change.level,
                "args": change.args,
            }
        )
        + b"\n"
        for change in mission.injector.log
    ]


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode("ascii", "replace")
    return getattr(value, "name", value)


def _map(mission: Mission) -> MapGrid:
    """Heights around the true track."""
    truth = mission.simulation.truth
    xs, ys = truth.column("x_m"), truth.column("y_m")
    points = [(p.x_m, p.y_m) for p in mission.scenario.waypoint]
    xs, ys = [*xs, 0.0, *(x for x, _ in points)], [*ys, 0.0, *(y for _, y in points)]
    size_m = max(max(xs) - min(xs), max(ys) - min(ys)) + 2.0 * MAP_MARGIN_M
    x0_m = (min(xs) + max(xs) - size_m) / 2.0
    y0_m = (min(ys) + max(ys) - size_m) / 2.0
    step_m = size_m / MAP_CELLS
    height = mission.site.ground.height
    cells = range(MAP_CELLS + 1)
    return MapGrid(
        x0_m=x0_m,
        y0_m=y0_m,
        step_m=step_m,
        heights_m=[[height(x0_m + column * step_m, y0_m + row * step_m) for column in cells] for row in cells],
        waypoints=[Waypoint(x_m=x, y_m=y, label=f"waypoint {number}") for number, (x, y) in enumerate(points, 1)],
    )
