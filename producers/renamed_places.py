"""Places of which an edit changes the name only: their code and coordinates follow the name."""

from __future__ import annotations

from roost.events.common import Place
from roost.places.place_search import AmbiguousPlace, UnknownPlace, find_place
from roost.places.resolutions import PlaceContext


def renamed_place(place: Place, former: Place | None, context: PlaceContext | None = None) -> Place:
    """Return the place to locate, with the code of its name if only the name has changed.

    A caller who edits a stored entity repeats the code and the coordinates that were found for the
    former name, and in a merge patch keeps them without sending them. A new name that names no one
    place, such as a detail of the address, keeps them.
    """
    if former is None or place.name == former.name:
        return place
    if place != former.model_copy(update={"name": place.name}):
        return place
    near = context.near if context is not None else ()
    try:
        division = find_place(place.name, PlaceContext(near, former.key))
    except (UnknownPlace, AmbiguousPlace):
        return place
    if division.key == former.key:
        return place
    return Place(name=place.name, code=division.code, scheme=division.scheme)
