import json
from pathlib import Path

import numpy as np
import pytest

from trasos.errors import InputError, NotReadyError
from trasos.recommender import artefacts
from trasos.recommender.artefacts import train_or_load
from trasos.recommender.data import Catalogue, InteractionLog
from trasos.recommender.folders import MANIFEST, read_folder, write_folder
from trasos.recommender.kept import MODEL
from trasos.recommender.packing import NAMES
from trasos.recommender.params import RecommenderParams

PARAMS = RecommenderParams(als_factors=8, als_iterations=2)


def test_the_second_call_loads_the_same_model_and_trains_nothing(
    log: InteractionLog, catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = train_or_load(log, catalogue, PARAMS, tmp_path)
    monkeypatch.setattr(artefacts, "fit", lambda *_, **__: pytest.fail("trained again"))
    second = train_or_load(log, catalogue, PARAMS, tmp_path)
    assert first.checksum == second.checksum
    assert second.recommender.tuning == first.recommender.tuning
    persons = np.array([0, 5, -1], np.int32)
    allowed = np.ones((3, catalogue.n_products), np.bool_)
    for one, two in zip(first.recommender.models(1), second.recommender.models(1), strict=True):
        assert np.array_equal(
            one.score_persons(persons, allowed), two.score_persons(persons, allowed)
        )
    assert [path.name for path in tmp_path.iterdir()] == [first.version.model_version]


def test_training_twice_writes_the_same_bytes(
    log: InteractionLog, catalogue: Catalogue, tmp_path: Path
) -> None:
    one, two = (train_or_load(log, catalogue, PARAMS, tmp_path / name) for name in "ab")
    assert one.checksum == two.checksum
    assert (one.folder / MODEL).read_bytes() == (two.folder / MODEL).read_bytes()


def test_the_artefact_holds_no_id_of_a_person(
    log: InteractionLog, catalogue: Catalogue, tmp_path: Path
) -> None:
    folder = train_or_load(log, catalogue, PARAMS, tmp_path).folder
    with np.load(folder / MODEL, allow_pickle=False) as arrays:
        texts = {name for name in arrays.files if arrays[name].dtype.kind not in "fi"}
        assert texts == {*NAMES, "ranker"}
        assert b"person-0" not in arrays["ranker"].tobytes()
        assert arrays["product_ids"].tolist() == catalogue.product_ids.to_pylist()
        assert arrays["departments"].tolist() == catalogue.departments.to_pylist()
    assert "person-0" not in (folder / MANIFEST).read_text()


def damage(path: Path, content: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(content)


def test_a_damaged_file_is_refused(
    log: InteractionLog, catalogue: Catalogue, tmp_path: Path
) -> None:
    folder = train_or_load(log, catalogue, PARAMS, tmp_path).folder
    content = bytearray((folder / MODEL).read_bytes())
    content[len(content) // 2] ^= 1
    damage(folder / MODEL, bytes(content))
    with pytest.raises(InputError, match=r"model\.npz is not what was written"):
        train_or_load(log, catalogue, PARAMS, tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "v1"
    write_folder(made, {"a.txt": b"one", "b.txt": b"two"}, {"weights": [0.5]})
    return made


def test_a_folder_is_read_as_written(folder: Path) -> None:
    files, manifest = read_folder(folder)
    assert files == {"a.txt": b"one", "b.txt": b"two"}
    assert manifest["weights"] == [0.5]


def test_a_changed_or_broken_manifest_is_refused(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    damage(folder / MANIFEST, json.dumps({**manifest, "weights": [0.6]}).encode())
    with pytest.raises(InputError, match=r"manifest\.json is not what was written"):
        read_folder(folder)
    damage(folder / MANIFEST, b"{")
    with pytest.raises(InputError, match="damaged"):
        read_folder(folder)


def test_a_missing_file_or_folder_is_named(folder: Path) -> None:
    (folder / "a.txt").unlink()
    with pytest.raises(InputError, match=r"a\.txt"):
        read_folder(folder)
    with pytest.raises(NotReadyError, match="v2"):
        read_folder(folder.parent / "v2")


def test_the_first_writer_stays_and_nothing_unfinished_is_left(folder: Path) -> None:
    write_folder(folder, {"a.txt": b"other"}, {})
    assert read_folder(folder)[0]["a.txt"] == b"one"
    assert [path.name for path in folder.parent.iterdir()] == ["v1"]


def test_a_crash_while_writing_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, content: bytes) -> int:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="no space"):
        write_folder(tmp_path / "v1", {"a": b"x"}, {})
    assert list(tmp_path.iterdir()) == []
