"""Runs that no rover drove: packets, truth and terrain made up to look like an hour's drive or a lunar day."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ground.archive import Archive
from ground.run_data import MapGrid, RunData, Waypoint
from ground.station import Station
from telemetry_defs.definitions import FailureCode, Mode
from tests.ground.traffic import START_GPS_NS, Rover, S, Uplink, frames

START_UTC = "2029-09-29T00:00:00Z"


def terrain(x0_m: float, y0_m: float, step_m: float, columns: int, rows: int) -> MapGrid:
    craters = ((4.0, 2.5, 1.5, 0.25), (8.0, -2.0, 2.2, 0.4), (-1.0, -3.0, 1.0, 0.15), (30.0, 20.0, 12.0, 2.0))

    def height(x: float, y: float) -> float:
        total = 0.05 * x - 0.02 * y + 0.02 * math.sin(3 * x) * math.cos(2 * y)
        for cx, cy, radius, depth in craters:
            q = ((x - cx) ** 2 + (y - cy) ** 2) / radius**2
            total -= depth * (1 - q) * math.exp(-q) if q < 6 else 0.0
        return total

    heights = [[height(x0_m + c * step_m, y0_m + r * step_m) for c in range(columns)] for r in range(rows)]
    return MapGrid(x0_m=x0_m, y0_m=y0_m, step_m=step_m, heights_m=heights)


def place(time_s: float, duration_s: float, scale: float) -> tuple[float, float]:
    share = min(1.0, time_s / (0.8 * duration_s))
    return 1.0 + scale * share, scale * 0.25 * math.sin(4.0 * share)


class Story:
    """One made-up run; ``step_s`` is the housekeeping interval."""

    def __init__(self, duration_s: float, step_s: float, scale_m: float) -> None:
        self.duration_s, self.step_s, self.scale_m = duration_s, step_s, scale_m
        self.rover = Rover()
        self.uplink = Uplink()
        self.archive = Archive(None, start_gps_ns=START_GPS_NS)
        self.station = Station(send=self.uplink, archive=self.archive)

    def run(self) -> RunData:
        self._commands()
        for index in range(int(self.duration_s / self.step_s)):
            time_s = index * self.step_s
            if not self._asleep(time_s):
                self._receive(time_s, *self._housekeeping(time_s))
        self._receive(self.duration_s, *self._events())
        return RunData(
            archive=self.archive,
            result=self._result(),
            start_utc=START_UTC,
            truth=self._truth(),
            grid=terrain(-0.6 * self.scale_m, -0.8 * self.scale_m, self.scale_m / 60, 130, 100),
            waypoints=[Waypoint(x_m=1.0 + self.scale_m, y_m=-0.19 * self.scale_m, label="rim")],
        )

    def _asleep(self, time_s: float) -> bool:
        return self.duration_s > 86_400 and 0.55 < time_s / self.duration_s < 0.8

    def _receive(self, time_s: float, *packets: bytes) -> None:
        self.station.receive("local", frames(*packets), round((time_s + 1.3) * S))

    def _mode(self, time_s: float) -> Mode:
        share = time_s / self.duration_s
        if self._asleep(time_s):
            return Mode.HIBERNATE
        return (
            Mode.IDLE if share < 0.1 else Mode.DRIVE if share < 0.45 else Mode.SCIENCE if share < 0.48 else Mode.CHARGE
        )

    def _housekeeping(self, time_s: float) -> Iterator[bytes]:
        share = time_s / self.duration_s
        driving = self._mode(time_s) is Mode.DRIVE
        x_m, y_m = place(time_s, self.duration_s, self.scale_m)
        slip = 0.1 + 0.1 * math.sin(20 * share) if driving else None
        current = tuple(0.05 + 0.02 * wheel / 6 + 0.03 * math.sin(40 * share + wheel) for wheel in range(6))
        yield self.rover.hk(time_s, "system.hk", mode=self._mode(time_s))
        yield self.rover.hk(
            time_s,
            "power.hk",
            soc=0.8 - 0.4 * share,
            bus_voltage_v=27.0 - share,
            battery_current_a=-1.0 + 0.5 * math.sin(9 * share),
            array_w=40 + 20 * math.sin(6 * share),
        )
        motors = tuple(-30.0 + 40 * share + wheel for wheel in range(6))
        nodes = (15.0, 10.0, 10.5, -20 - 30 * share, -30.0, 5.0, *motors)
        yield self.rover.hk(time_s, "thermal.hk", battery_c=10 - 12 * share, temperatures_c=nodes)
        yield self.rover.hk(
            time_s,
            "mobility.hk",
            x_m=x_m + 0.02 * self.scale_m * share,
            y_m=y_m - 0.01 * self.scale_m * share,
            slip=slip,
            wheel_current_a=current if driving else (None,) * 6,
        )
        yield self.rover.hk(time_s, "comms.hk", relay_locked=math.sin(15 * share) > 0, local_locked=share < 0.7)

    def _events(self) -> Iterator[bytes]:
        at = self.duration_s
        yield self.rover.event(0.0, "system.boot", boot_count=1)
        yield self.rover.event(0.1 * at, "system.mode_changed", old=Mode.IDLE, new=Mode.DRIVE)
        yield self.rover.event(0.1 * at, "mobility.motion_started")
        for number in range(5):
            yield self.rover.event(0.2 * at + 5 * number, "mobility.slip_high", slip=0.31 + 0.01 * number)
        yield self.rover.event(0.3 * at, "mobility.stall", wheel=2, cause=1, current_a=0.37)
        yield self.rover.event(0.32 * at, "power.charge_inhibited", battery_c=-0.5)
        yield self.rover.event(0.4 * at, "mobility.embedded", slip=0.73)
        yield self.rover.event(0.4 * at + 1, "system.mode_changed", old=Mode.DRIVE, new=Mode.SAFE)
        yield self.rover.event(0.45 * at, "instruments.product_ready", product_id=1, size_bytes=60_000)

    def _commands(self) -> None:
        station = self.station
        station.send_command("system.ping", {}, S)
        station.send_command("mobility.drive_to", {"x_m": 9, "y_m": 0, "speed_m_s": 0.03, "timeout_s": 250}, 5 * S)
        station.send_command("system.set_mode", {"mode": "SCIENCE"}, 9 * S, "relay")
        tcs = [tc for _, tc in self.uplink.sent]
        packets = [self.rover.verify(6, tcs[0], 1), self.rover.verify(6, tcs[0], 7)]
        packets.append(self.rover.verify(7, tcs[1], 2, FailureCode.MODE, 27))
        self._receive(8.0, *packets)

    def _truth(self) -> dict[str, list[float]]:
        times = [index * max(1.0, self.step_s / 5) for index in range(int(self.duration_s / max(1.0, self.step_s / 5)))]
        places = [place(time_s, self.duration_s, self.scale_m) for time_s in times]
        shares = [time_s / self.duration_s for time_s in times]
        return {
            "time_s": times,
            "x_m": [x_m for x_m, _ in places],
            "y_m": [y_m for _, y_m in places],
            "soc": [0.79 - 0.4 * share for share in shares],
            "array_w": [41 + 20 * math.sin(6 * share) for share in shares],
            "load_w": [60.0 - 30 * (share > 0.45) for share in shares],
            "battery_c": [10 - 12.5 * share for share in shares],
            "web_c": [14.5 for _ in shares],
            "shell_c": [-20.5 - 31 * share for share in shares],
            "slip": [0.1 + 0.11 * math.sin(20 * share) if 0.1 < share < 0.45 else 0.0 for share in shares],
            "wheel_current_max_a": [0.09 if 0.1 < share < 0.45 else 0.0 for share in shares],
            "relay_visible": [float(math.sin(15 * share) > -0.1) for share in shares],
            "local_visible": [float(share < 0.72) for share in shares],
        }

    def _result(self) -> dict[str, object]:
        expectation = {"what": "event mobility.stall", "passed": True, "measured": "at 1080 s", "margin": "3 s"}
        failed = {"what": "world.speed_m_s <= 0.001 <b>", "passed": False, "measured": "0.02", "margin": "-0.019"}
        return {
            "scenario": "first_drive",
            "rover": "south_pole",
            "world": "leibnitz_beta",
            "seed": 1,
            "passed": False,
            "sim_s": self.duration_s,
            "final_mode": "CHARGE",
            "distance_m": 9.31,
            "expectations": [expectation, failed],
            "math_id": "0123456789abcdef",
        }
