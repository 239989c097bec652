from pathlib import Path

import pytest

from core.catalog.address import local_path, masked_uri, public_uri, shown_address, without_secrets

HERE = Path("/srv/project")


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("http://mlflow:5000", "http://mlflow:5000"),
        ("https://ada:s3cret@mlflow.example/prefix?token=abc", "https://ada@mlflow.example/prefix"),
        ("https://ada:p@ss@mlflow.example", "https://ada@mlflow.example"),
        ("postgresql://ada:s3cret@db:5432/mlflow?sslpassword=x", "postgresql://ada@db:5432/mlflow"),
        ("mssql+pyodbc://?odbc_connect=PWD%3Ds3cret", "mssql+pyodbc://"),
        ("sqlite:////srv/project/.runoff/mlflow.db", "sqlite:///.runoff/mlflow.db"),
        ("sqlite:////srv/project/50% #new/日本.db", "sqlite:///50% #new/日本.db"),
        ("sqlite:////elsewhere/mlflow.db", "sqlite:////elsewhere/mlflow.db"),
        ("sqlite:///mlflow.db?timeout=3", "sqlite:///mlflow.db"),
        ("file:///srv/project/mlruns", "mlruns"),
        ("./mlruns", "./mlruns"),
        ("databricks", "databricks"),
    ],
)
def test_an_address_shows_no_secret_and_no_more_path_than_needed(uri: str, shown: str) -> None:
    assert shown_address(uri, HERE) == shown


def test_a_command_to_complete_shows_where_the_password_goes() -> None:
    assert masked_uri("postgresql://ada:s3cret@db/mlflow") == "postgresql://ada:***@db/mlflow"
    assert masked_uri("sqlite:///mlflow.db") == "sqlite:///mlflow.db"


def test_a_librarys_own_words_lose_the_password() -> None:
    uri = "http://ada:s3%23cret@mlflow:5000"
    words = f"request to {uri}/api failed, user ada, password s3#cret or s3%23cret"
    cleaned = without_secrets(words, uri)
    assert "cret" not in cleaned
    assert "ada" in cleaned


def test_a_short_password_does_not_star_out_the_rest_of_the_sentence() -> None:
    assert without_secrets("a table", "http://ada:a@mlflow") == "a table"
    assert (
        without_secrets("see http://ada:a@mlflow/api", "http://ada:a@mlflow")
        == "see http://ada:***@mlflow/api"
    )


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///data/%E6%97%A5%20a%23b", "/data/日 a#b"),
        ("/data/a:b", "/data/a:b"),
        ("sqlite:///a.db", "a.db"),
        ("s3://bucket/key", None),
        ("mlflow-artifacts:/1/models", None),
    ],
)
def test_a_path_is_found_where_the_address_is_one(uri: str, path: str | None) -> None:
    assert local_path(uri) == (Path(path) if path else None)


@pytest.mark.parametrize(
    ("uri", "public"),
    [
        ("http://mlflow:5000", "http://mlflow:5000"),
        ("https://ada:s3cret@mlflow.example/prefix?token=abc", "https://mlflow.example/prefix"),
        ("postgresql://ada:p@ss@db:5432/mlflow?sslpassword=x", "postgresql://db:5432/mlflow"),
        ("sqlite:////srv/50% #new/日本.db?timeout=3", "sqlite:////srv/50% #new/日本.db"),
        ("file:///srv/mlruns", "/srv/mlruns"),
        ("databricks", "databricks"),
    ],
)
def test_a_readers_program_gets_an_address_without_a_secret(uri: str, public: str) -> None:
    assert public_uri(uri) == public


def test_a_readers_program_gets_a_path_that_holds_from_anywhere() -> None:
    assert public_uri("sqlite:///mlflow.db") == f"sqlite:///{Path.cwd().as_posix()}/mlflow.db"
