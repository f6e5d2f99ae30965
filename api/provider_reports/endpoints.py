"""Endpoints for providers' posts, below a secret address (`roost provider-urls`)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path
from pydantic import Field

from api.ports.services import Given
from api.provider_reports import posted_reports, service
from api.provider_reports.schemas import (
    MOST_REPORTS,
    AliyunCall,
    AliyunReceived,
    AliyunReply,
    AliyunReport,
    TencentReceived,
    TencentReply,
    TencentReport,
)
from roost.carriers.report_links import PATH, check_report_token


def _checked(token: Annotated[str, Path(max_length=100)], given: Given) -> None:
    """Raise NotFound for another token than the county's."""
    check_report_token(given.key, token)


router = APIRouter(
    prefix=f"{PATH}/{{token}}", tags=["provider-reports"], dependencies=[Depends(_checked)]
)
Many = Field(max_length=MOST_REPORTS)


@router.post("/aliyun-reports", summary="Take delivery reports of Aliyun's text messages")
async def take_aliyun_reports(
    reports: Annotated[list[AliyunReport], Many, Body()], given: Given
) -> AliyunReceived:
    """Note the outcome of each message; a repeated report changes nothing."""
    await service.note_reports(given, [posted_reports.aliyun_report(each) for each in reports])
    return AliyunReceived()


@router.post("/aliyun-calls", summary="Take reports on calls from Aliyun")
async def take_aliyun_calls(
    calls: Annotated[list[AliyunCall], Many, Body()], given: Given
) -> AliyunReceived:
    """Note whether each call was answered; after another end the next channel takes over."""
    await service.note_reports(given, [posted_reports.aliyun_call(each) for each in calls])
    return AliyunReceived()


@router.post("/aliyun-replies", summary="Take replies from Aliyun")
async def take_aliyun_replies(
    replies: Annotated[list[AliyunReply], Many, Body()], given: Given
) -> AliyunReceived:
    """Take each reply as `POST /v1/replies` does; a repeated one changes nothing."""
    await service.take_replies(given, [posted_reports.aliyun_reply(each) for each in replies])
    return AliyunReceived()


@router.post("/tencent-reports", summary="Take delivery reports of Tencent Cloud's text messages")
async def take_tencent_reports(
    reports: Annotated[list[TencentReport], Many, Body()], given: Given
) -> TencentReceived:
    """Note the outcome of each message; a repeated report changes nothing."""
    await service.note_reports(given, [posted_reports.tencent_report(each) for each in reports])
    return TencentReceived()


@router.post("/tencent-replies", summary="Take a reply from Tencent Cloud")
async def take_tencent_reply(
    reply: Annotated[TencentReply, Body()], given: Given
) -> TencentReceived:
    """Take a reply as `POST /v1/replies` does; a repeated one changes nothing."""
    await service.take_replies(given, [posted_reports.tencent_reply(reply)])
    return TencentReceived()
