"""The compiled schemas that decide whether a message is valid (KMEHR 1.43, hub services 3.5).

libxml2 gives the verdict. The files are the ones in `schemas/kmehr`, or those of a folder that the operator names:
the two entry schemas are recognised by the root elements they declare, so published files work under their own names.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from lxml import etree

from hub.wire.namespaces import KMEHR, PROTOCOL

_XS = "{http://www.w3.org/2001/XMLSchema}"


class SchemaFolderError(Exception):
    """A folder does not hold one usable set of schemas; the text says which folder and what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaSet:
    """One version of the schemas, compiled once and shared by all requests.

    `kmehr_message` judges a standalone KMEHR document, `hub_message` a message of the hub services (the body of an
    envelope). Each file is the entry point of its validator, for a slower validator that explains a refusal.
    """

    kmehr_message: etree.XMLSchema
    hub_message: etree.XMLSchema
    kmehr_file: Path
    hub_file: Path

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Compile the schemas of a folder. Touches no network; raises SchemaFolderError when the folder will not do."""
        files = {path: _parse(path) for path in sorted(folder.rglob("*.xsd"))}
        kmehr_file = _entry_point(files, KMEHR, "kmehrmessage", folder)
        hub_file = _entry_point(files, PROTOCOL, "GetTransactionListRequest", folder)
        return cls(
            kmehr_message=_compile(files[kmehr_file], kmehr_file),
            hub_message=_compile(files[hub_file], hub_file),
            kmehr_file=kmehr_file,
            hub_file=hub_file,
        )


def default_schema_folder() -> Path:
    """The schemas that come with the hub: beside the package, in a checkout as in a wheel."""
    return Path(__file__).resolve().parents[2] / "schemas" / "kmehr"


def _parse(path: Path) -> etree._ElementTree:
    # Not the parser of messages: published schemas may carry a DTD, and these files are the operator's own.
    parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=False)
    try:
        return etree.parse(str(path), parser)
    except (OSError, etree.XMLSyntaxError) as error:
        raise SchemaFolderError(f"{path}: not a readable schema: {error}") from error


def _entry_point(files: Mapping[Path, etree._ElementTree], namespace: str, root: str, folder: Path) -> Path:
    """The one file that declares this message root."""
    declaring = [path for path, tree in files.items() if _declares(tree.getroot(), namespace, root)]
    match declaring:
        case [path]:
            return path
        case []:
            raise SchemaFolderError(f"{folder}: no schema here declares the element {root} of {namespace}")
        case _:
            names = ", ".join(str(path.relative_to(folder)) for path in declaring)
            raise SchemaFolderError(f"{folder}: several schemas declare {root} of {namespace}; keep one of {names}")


def _declares(schema: etree._Element, namespace: str, root: str) -> bool:
    return schema.get("targetNamespace") == namespace and any(
        element.get("name") == root for element in schema.iterchildren(f"{_XS}element")
    )


def _compile(tree: etree._ElementTree, path: Path) -> etree.XMLSchema:
    try:
        schema = etree.XMLSchema(tree)
    except etree.XMLSchemaParseError as error:
        _refuse_missing_import(error.error_log, path)
        raise SchemaFolderError(f"{path}: does not compile: {error}") from error
    # libxml2 skips an import it cannot find and may go on, with a schema that refuses less.
    _refuse_missing_import(schema.error_log, path)
    return schema


def _refuse_missing_import(log: etree._ErrorLog, path: Path) -> None:
    for entry in log:  # type: ignore[attr-defined]  # the stubs do not know that a log is iterable
        if entry.type == etree.ErrorTypes.SCHEMAP_WARN_UNLOCATED_SCHEMA:
            raise SchemaFolderError(f"{path}: {entry.message}")
