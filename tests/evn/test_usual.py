"""The usual telegram scored in one go: the same as habit by habit, and the same verdicts."""

from collections.abc import Callable
from copy import copy
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from custom_components.hausstrom.evn.protocol import habits, plausibility, usual
from custom_components.hausstrom.evn.protocol.plausibility import Judgement, Plausibility
from custom_components.hausstrom.evn.protocol.reader import MeterReader
from custom_components.hausstrom.evn.protocol.sample import Sample
from simulators.evn_telegram import KAIFA, SAGEMCOM, TIROL, MeterModel

from .telegrams import NOON, listen, replace, stream

MODELS = (KAIFA, SAGEMCOM, TIROL)


@pytest.fixture(scope="module", params=MODELS, ids=lambda model: model.name)
def samples(request: pytest.FixtureRequest) -> list[Sample]:
    """What the gates see of 400 telegrams of a house."""
    model: MeterModel = request.param
    seen: list[Sample] = []

    class Gates(Plausibility):
        def judge(self, now: Sample) -> Judgement:
            seen.append(now)
            return super().judge(now)

    reader = MeterReader(model.key)
    reader._plausibility = Gates()
    for sent in stream(model, 400, seed=8, start=NOON - timedelta(hours=4)):
        listen(reader, sent)
    assert len(seen) == 400
    return [fresh(sample) for sample in seen]


def fresh(sample: Sample, **changes: Any) -> Sample:
    """Return a sample that was compared with none yet."""
    values = {**sample.values, **{k: v for k, v in changes.items() if k in sample.values}}
    again = Sample(
        values,
        sample.counter,
        sample.invoke,
        sample.time,
        sample.received,
        clocks_agree=sample.clocks_agree,
        status=sample.status,
        number=sample.number,
    )
    return replace(again, **{k: v for k, v in changes.items() if k not in sample.values})


def noted(sample: Sample | None) -> dict[str, Any] | None:
    """Return all that stands in a sample."""
    return None if sample is None else {name: getattr(sample, name) for name in Sample.__slots__}


def odd(sample: Sample, random: Random) -> Sample:
    """Change one or two values of a sample, or what counts and ticks."""
    changes: dict[str, Any] = {}
    for _ in range(random.choice([1, 1, 2])):
        key = random.choice([*sample.values, "counter", "invoke", "time", "received"])
        before: Any = sample.values.get(key, getattr(sample, key, None))
        if key in {"counter", "invoke"} or isinstance(before, int):
            changes[key] = before ^ 1 << random.choice([0, 1, 2, 4, 7, 12, 26, 31])
        else:
            changes[key] = before + random.choice([-700, -3, -0.1, 0.02, 0.1, 1, 5, 60, 900])
    if random.random() < 0.05:
        changes["status"] = b"\x00\x00"
    return fresh(sample, **changes)


def test_the_scores_are_those_of_the_habits(samples: list[Sample]) -> None:
    random = Random(1)
    taken = refused = 0
    for before, last, right in zip(samples, samples[1:], samples[2:], strict=False):
        for sample in (right, odd(right, random), odd(right, random), odd(right, random)):
            known, now, again = fresh(last), copy(sample), copy(sample)
            known.follow(fresh(before))
            known.spans = random.choice([(None, None), known.spans])
            scores = usual.usual_scores(now, known)
            if scores is None:
                refused += 1
                assert noted(now) == noted(sample), "nothing is noted of what is not usual"
                continue
            taken += 1
            assert scores == habits.scores_of(again, known)
            assert noted(now) == noted(again), "what is noted for the next one"
    assert taken > 600
    assert refused > 100


def nothing(*_: object) -> None:
    return None


@pytest.mark.parametrize("seed", range(4))
def test_the_verdicts_are_the_same(
    samples: list[Sample], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Believed, held back and waiting as without the short way; the bounds follow alike."""
    random = Random(seed)
    short, long = Plausibility(), Plausibility()
    quick: dict[str, Callable[..., object]] = {
        name: getattr(plausibility, name) for name in ("usual_scores", "calm_bounds", "creep")
    }
    believed = held = calm = 0
    for number, right in enumerate(samples):
        sample = odd(right, random) if number > 5 and random.random() < 0.15 else right
        if random.random() < 0.02:
            short.noise()
            long.noise()
        for name, function in quick.items():
            monkeypatch.setattr(plausibility, name, function)
        judgement = short.judge(copy(sample))
        for name in quick:
            monkeypatch.setattr(plausibility, name, nothing)
        assert long.judge(copy(sample)) == judgement
        assert long._bounds == short._bounds
        assert long._levels == short._levels
        assert long.memory == short.memory
        assert noted(long.last) == noted(short.last)
        believed += judgement.suspicion is None
        held += judgement.suspicion is not None
        calm += short._heard > 60
    assert believed > 250
    assert held > 5
    assert calm > 250


def test_bounds_fall_as_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores around their bounds, with and without damage on the line before."""
    random = Random(3)
    short, long = Plausibility(), Plausibility()
    short._heard = long._heard = 100
    quick = usual.calm_bounds
    calm = 0
    for _ in range(4000):
        bounds = [habit.floor * random.choice([1, 1.0001, 1.5, 4]) for habit in habits.HABITS]
        bounds[: habits.STILL] = [habit.floor for habit in habits.HABITS[: habits.STILL]]
        # One of them, or none, is about its bound.
        scores = [0.0] * habits.STILL + [
            random.choice([0.0, 0.3, 0.6]) * bound for bound in bounds[habits.STILL :]
        ]
        place = random.randrange(habits.STILL - 1, len(scores))
        scores[place] = random.choice([0, 0.8, 0.9, 1.1]) * bounds[place]
        before = [score * random.choice([0, 0.8, 0.9, 1]) for score in scores]
        for one in (short, long):
            one._bounds, one._levels = list(bounds), before
        short.probation = long.probation = random.random() < 0.5
        monkeypatch.setattr(plausibility, "calm_bounds", quick)
        strange = short._compare(scores)
        monkeypatch.setattr(plausibility, "calm_bounds", nothing)
        assert long._compare(scores) == strange
        assert long._bounds == short._bounds
        calm += not strange
    assert 1000 < calm < 3600
