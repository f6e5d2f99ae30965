"""All criteria that openings may not demand, in the order in which they are reported."""

from __future__ import annotations

from roost.law.age import AGE
from roost.law.family import FAMILY, INFECTION
from roost.law.origin import ETHNICITY, HOUSEHOLD, RELIGION
from roost.law.sex import SEX_DEMANDS

CRITERIA = (SEX_DEMANDS, ETHNICITY, RELIGION, HOUSEHOLD, FAMILY, INFECTION, AGE)
