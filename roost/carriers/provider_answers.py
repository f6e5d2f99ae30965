"""Meanings of the providers' error codes: pure tables.

Sources: help.aliyun.com, "API错误码" of Dysmsapi and Dyvmsapi; cloud.tencent.com, "错误码" of
SendSms; developer.work.weixin.qq.com, "全局错误码"; developers.weixin.qq.com, "全局返回码说明".
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Meaning(StrEnum):
    """Action that an answer of a provider asks for."""

    ACCEPTED = "accepted"
    PERMANENT = "permanent"
    """This message will never be accepted for this address."""
    LATER = "later"
    LIMIT = "limit"
    """A limit of the provider for this number or this account: later, after a longer wait."""
    BALANCE = "balance"
    """The county's account is out of credit or out of service."""
    SETTINGS = "settings"
    """The county's key, sign name or application is not accepted."""
    TOKEN = "token"
    """The access token is no longer valid: fetch another one, and repeat at once."""


WAITS_S: Mapping[Meaning, float | None] = MappingProxyType(
    {
        Meaning.LATER: None,
        Meaning.LIMIT: 3_600.0,
        Meaning.BALANCE: 1_800.0,
        Meaning.SETTINGS: 1_800.0,
        Meaning.TOKEN: None,
    }
)
"""Shortest wait before the next attempt, in seconds; None for the channel's schedule."""

REMEDIES: Mapping[Meaning, str] = MappingProxyType(
    {
        Meaning.PERMANENT: "it does not accept this message or address",
        Meaning.LATER: "it is busy or away",
        Meaning.LIMIT: "its limit for the number or the account is reached",
        Meaning.BALANCE: "the account is out of credit or suspended; top it up",
        Meaning.SETTINGS: "it does not accept the account; check key, sign name and application",
        Meaning.TOKEN: "it does not accept the access token",
    }
)

_P, _L, _B, _S = Meaning.PERMANENT, Meaning.LIMIT, Meaning.BALANCE, Meaning.SETTINGS
ALIYUN: Mapping[str, Meaning] = MappingProxyType(
    {
        "OK": Meaning.ACCEPTED,
        "isv.MOBILE_NUMBER_ILLEGAL": _P,
        "isv.BLACK_KEY_CONTROL_LIMIT": _P,
        "isv.CUSTOMER_REFUSED": _P,
        "isv.TEMPLATE_MISSING_PARAMETERS": _P,
        "isv.TEMPLATE_PARAMS_ILLEGAL": _P,
        "isv.SMS_TEMPLATE_ILLEGAL": _P,
        "isv.SMS_CONTENT_ILLEGAL": _P,
        "isv.UNSUPPORTED_CONTENT": _P,
        "isv.PARAM_LENGTH_LIMIT": _P,
        "isv.PARAM_NOT_SUPPORT_URL": _P,
        "isv.INVALID_JSON_PARAM": _P,
        "isv.INVALID_PARAMETERS": _P,
        "isv.CALLED_NUMBER_ILLEGAL": _P,
        "isv.VOICE_TEMPLATE_ILLEGAL": _P,
        "isv.BUSINESS_LIMIT_CONTROL": _L,
        "isv.DAY_LIMIT_CONTROL": _L,
        "isv.MONTH_LIMIT_CONTROL": _L,
        "isv.SMS_OVER_LIMIT": _L,
        "isv.AMOUNT_NOT_ENOUGH": _B,
        "isv.OUT_OF_SERVICE": _B,
        "isv.SMS_SIGNATURE_ILLEGAL": _S,
        "isv.SMS_SIGN_ILLEGAL": _S,
        "isv.PRODUCT_UN_SUBSCRIPT": _S,
        "isv.PRODUCT_UNSUBSCRIBE": _S,
        "isv.ACCOUNT_NOT_EXISTS": _S,
        "isv.ACCOUNT_ABNORMAL": _S,
        "isp.RAM_PERMISSION_DENY": _S,
        "SignatureDoesNotMatch": _S,
        "InvalidTimeStamp.Expired": _S,
    }
)
ALIYUN_FAMILIES = (("InvalidAccessKeyId", _S), ("Forbidden", _S), ("NoPermission", _S))
TENCENT: Mapping[str, Meaning] = MappingProxyType(
    {
        "Ok": Meaning.ACCEPTED,
        "FailedOperation.ContainSensitiveWord": _P,
        "FailedOperation.PhoneNumberInBlacklist": _P,
        "FailedOperation.TemplateIncorrectOrUnapproved": _P,
        "FailedOperation.TemplateUnapprovedOrNotExist": _P,
        "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": _P,
        "FailedOperation.InsufficientBalanceInSmsPackage": _B,
        "FailedOperation.SignatureIncorrectOrUnapproved": _S,
        "InvalidParameterValue.SdkAppIdNotExist": _S,
    }
)
TENCENT_FAMILIES = (
    ("LimitExceeded", _L),
    ("AuthFailure", _S),
    ("UnauthorizedOperation", _S),
    ("InvalidParameter", _P),
    ("MissingParameter", _P),
    ("UnsupportedOperation", _P),
)
WECHAT: Mapping[str, Meaning] = MappingProxyType(
    {
        "0": Meaning.ACCEPTED,
        "40001": Meaning.TOKEN,
        "40014": Meaning.TOKEN,
        "41001": Meaning.TOKEN,
        "42001": Meaning.TOKEN,
        "40003": _P,  # no such openid or user
        "40031": _P,
        "43004": _P,  # the person does not follow the account
        "43101": _P,  # the person has not subscribed to the template
        "43107": _P,
        "47003": _P,
        "40037": _P,
        "60111": _P,  # no such user id
        "81013": _P,  # none of the recipients is valid
        "45009": _L,
        "45011": _L,
        "45033": _L,
        "40013": _S,
        "40056": _S,
        "40125": _S,
        "40164": _S,  # the address is not in the list of allowed ones
        "41002": _S,
        "41004": _S,
        "48001": _S,
        "50001": _S,
        "60020": _S,
        "301002": _S,
    }
)


def aliyun_meaning(code: str) -> Meaning:
    """Return the meaning of a code of Aliyun; an unknown one is tried later."""
    return _meaning(code, ALIYUN, ALIYUN_FAMILIES)


def tencent_meaning(code: str) -> Meaning:
    """Return the meaning of a code of Tencent Cloud; an unknown one is tried later."""
    return _meaning(code, TENCENT, TENCENT_FAMILIES)


def wechat_meaning(code: int) -> Meaning:
    """Return the meaning of an `errcode` of WeCom or WeChat; an unknown one is tried later."""
    return _meaning(str(code), WECHAT, ())


def _meaning(
    code: str, known: Mapping[str, Meaning], families: tuple[tuple[str, Meaning], ...]
) -> Meaning:
    if (found := known.get(code)) is not None:
        return found
    by_family = (meaning for family, meaning in families if code.startswith(family))
    return next(by_family, Meaning.LATER)
