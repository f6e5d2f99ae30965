"""Answers of the endpoint of places."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from roost.events.common import Model


class PlaceFound(Model):
    """Place of the gazetteer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "key": "cn:140105",
                    "code": "140105",
                    "name": "小店区",
                    "fullName": "山西省太原市小店区",
                    "level": "county",
                    "latitude": 37.736,
                    "longitude": 112.565,
                    "pointOf": "cn:140105",
                }
            ]
        }
    )

    key: str = Field(description="key in the gazetteer: `<scheme>:<code>`")
    code: str = Field(description="code in its scheme, such as GB/T 2260's")
    name: str
    full_name: str = Field(description="name with those of the divisions that contain it")
    level: str = Field(description="province, city, county or township")
    latitude: float | None = Field(description="degrees")
    longitude: float | None = Field(description="degrees")
    point_of: str | None = Field(
        None, description="key of the place that the point belongs to: itself, or its county"
    )


class PlacesFound(Model):
    """Places that a text may mean, the likeliest first."""

    items: list[PlaceFound]
