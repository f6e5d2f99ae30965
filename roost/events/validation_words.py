"""Faults of fields in Chinese, by the type of pydantic's error; a test covers every type.

English is pydantic's own message, or that of our validators.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

from roost.errors import FieldError

_TYPES = {
    "arguments_type": "参数形式不正确",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "bytes_invalid_encoding": "编码不正确",
    "bytes_too_long": "内容过长",
    "bytes_too_short": "内容过短",
    "bytes_type": "应为文本",
    "complex_str_parsing": "应为数字",
    "complex_type": "应为数字",
    "counter_type": "应为对象",
    "dataclass_exact_type": "应为对象",
    "dataclass_type": "应为对象",
    "date_from_datetime_inexact": "应为日期，不含时间",
    "date_from_datetime_parsing": "日期格式应为 YYYY-MM-DD",
    "date_future": "应为今天以后的日期",
    "date_parsing": "日期格式应为 YYYY-MM-DD",
    "date_past": "应为今天以前的日期",
    "date_type": "日期格式应为 YYYY-MM-DD",
    "datetime_from_date_parsing": "时间格式应为 YYYY-MM-DDTHH:MM:SS+08:00",
    "datetime_future": "应为将来的时间",
    "datetime_object_invalid": "时间无效",
    "datetime_parsing": "时间格式应为 YYYY-MM-DDTHH:MM:SS+08:00",
    "datetime_past": "应为过去的时间",
    "datetime_type": "时间格式应为 YYYY-MM-DDTHH:MM:SS+08:00",
    "decimal_max_digits": "最多 {max_digits} 位数字",
    "decimal_max_places": "最多 {decimal_places} 位小数",
    "decimal_parsing": "应为数字",
    "decimal_type": "应为数字",
    "decimal_whole_digits": "小数点前最多 {whole_digits} 位数字",
    "default_factory_not_called": "内容无效，请先更正其他字段",
    "deque_type": "应为列表",
    "dict_type": "应为对象",
    "ellipsis_error": "内容无效",
    "enum": "应为以下之一：{expected}",
    "extra_forbidden": "未知字段，请删除",
    "finite_number": "应为有限的数字",
    "float_parsing": "应为数字",
    "float_type": "应为数字",
    "fraction_parsing": "应为数字",
    "fraction_type": "应为数字",
    "frozen_dict_type": "应为对象",
    "frozen_field": "不可修改",
    "frozen_instance": "不可修改",
    "frozen_set_type": "应为列表",
    "get_attribute_error": "内容无法读取",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "应不小于 {ge}",
    "int_from_float": "应为整数",
    "int_parsing": "应为整数",
    "int_parsing_size": "数值过大",
    "int_type": "应为整数",
    "invalid_key": "字段名应为文本",
    "is_instance_of": "类型不正确",
    "is_subclass_of": "类型不正确",
    "callable_type": "类型不正确",
    "iterable_type": "应为列表",
    "iteration_error": "列表无法读取",
    "json_invalid": "不是有效的 JSON",
    "json_type": "应为 JSON 文本",
    "less_than": "应小于 {lt}",
    "less_than_equal": "应不大于 {le}",
    "list_type": "应为列表",
    "literal_error": "应为以下之一：{expected}",
    "mapping_type": "应为对象",
    "missing": "缺少必填项",
    "missing_argument": "缺少必填项",
    "missing_keyword_only_argument": "缺少必填项",
    "missing_positional_only_argument": "缺少必填项",
    "missing_sentinel_error": "内容无效",
    "model_attributes_type": "应为对象",
    "model_type": "应为对象",
    "multiple_argument_values": "重复填写，请保留一个",
    "multiple_of": "应为 {multiple_of} 的倍数",
    "named_tuple_type": "应为列表",
    "needs_python_object": "类型不正确",
    "no_such_attribute": "未知字段，请删除",
    "none_required": "应为空（null）",
    "ordered_dict_type": "应为对象",
    "recursion_depth_exceeded": "层次过深",
    "recursion_loop": "内容循环引用",
    "set_item_not_hashable": "列表中的内容类型不正确",
    "set_type": "应为列表",
    "string_not_ascii": "只能使用英文字母、数字和半角符号",
    "string_pattern_mismatch": "格式不正确",
    "string_too_long": "最多 {max_length} 个字符",
    "string_too_short": "至少 {min_length} 个字符",
    "string_type": "应为文本",
    "string_unicode": "含有无效字符，请删除",
    "time_delta_parsing": "时长格式不正确",
    "time_delta_type": "应为时长",
    "time_parsing": "时间格式应为 HH:MM",
    "time_type": "时间格式应为 HH:MM",
    "timezone_aware": "请写明时区，例如 +08:00",
    "timezone_naive": "请勿写时区",
    "timezone_offset": "时区不正确",
    "too_long": "最多 {max_length} 项",
    "too_short": "至少 {min_length} 项",
    "tuple_type": "应为列表",
    "unexpected_keyword_argument": "未知字段，请删除",
    "unexpected_positional_argument": "未知内容，请删除",
    "union_tag_invalid": "类型应为以下之一：{expected_tags}",
    "union_tag_not_found": "请写明类型",
    "url_parsing": "网址不正确，请检查拼写",
    "url_scheme": "网址应以下列之一开头：{expected_schemes}",
    "url_syntax_violation": "网址不正确，请检查拼写",
    "url_too_long": "网址最多 {max_length} 个字符",
    "url_type": "应为网址",
    "uuid_parsing": "编号格式不正确",
    "uuid_type": "编号格式不正确",
    "uuid_version": "编号版本不正确",
    "value_error": "内容无效",
    "assertion_error": "内容无效",
}
_OUR_OWN = {
    "address": "该渠道需要填写号码或地址",
    "answer": "答复只能发给提出诉求的一名人员",
    "assignee": "请指定接手的工作人员",
    "audience": "请填写 workerIds、stationIds 或 places",
    "calendar": "未知国家，请写两位代码，例如 CN 或 US/NY；不使用节假日的写 none",
    "calendar_part": "{country} 没有该地区，请写以下之一：{parts}",
    "clock_time": "请填写精确到分钟的当地时间，例如 08:30",
    "date_order": "截止日期早于发布日期，请对调或更正",
    "repeated_reason": "同一原因重复，请只选一次",
    "text_missing": "选择“其他”时请填写说明",
    "holder": "该角色的账号需要填写 {field}",
    "hours_ends": "opens 与 closes 须同时填写",
    "hours_equal": "开始与结束时间相同；全天开放的，请写 00:00 和 23:59",
    "hours_overlap": "同一天的开放时间重叠（{day}），请更正",
    "hours_period": "validFrom 与 validThrough 须同时填写",
    "hours_period_order": "validThrough 早于 validFrom，请对调或更正",
    "hours_special": "特殊日期合计超过 {most} 天，请删除过去的日期",
    "hours_text": "开放时间格式不正确，请写例如 Mo-Fr 08:30-12:00,14:30-18:00",
    "hours_too_few": "每周开放时间不足一小时，请补充",
    "hours_weekly": "每周开放时间需要 dayOfWeek、opens 和 closes",
    "one_line": "应为一行，请删除换行",
    "place_code": "code 与 scheme 须同时填写",
    "place_point": "纬度与经度须同时填写",
    "source_cursor": "请填写 field 或 header 其中之一",
    "source_cursor_url": "只有网址来源可以使用 cursor",
    "source_folder": "文件夹须在来源目录之内，请勿使用 ..",
    "source_place": "请填写 url 或 folder 其中之一",
    "source_removal": "listing 模式没有撤回标记，请改用 changes 模式",
    "source_schedule": "请填写 everyMinutes 或每日时间（at）其中之一",
    "time_zone": "未知时区，请写例如 Asia/Shanghai",
    "unclear_id": "须含有字母或数字，且不能含有不可见字符",
    "unprintable": "含有控制字符，请删除",
    "wage_empty": "请填写最低工资、最高工资或两者",
    "wage_range": "最低工资高于最高工资，请对调",
    "slot": "请指定面试时段",
    "station_answer": "接受请填写 candidatesOn，谢绝请填写 declinedBecause",
    "words": "请填写中文、英文或两者的内容",
}
WORDS: Mapping[str, str] = {**_TYPES, **_OUR_OWN}


def chinese_words(kind: str, context: Mapping[str, Any] | None = None) -> str:
    """Return the fault in Chinese; a limit that the context lacks is left out."""
    words = WORDS.get(kind, "内容无效")
    names = [name for _, name, _, _ in string.Formatter().parse(words) if name]
    if any(name not in (context or {}) for name in names):
        return "内容无效"
    values = {name: _value(value) for name, value in (context or {}).items()}
    return words.format_map(values)


def field_error(path: str, found: Mapping[str, Any]) -> FieldError:
    """Return the fault of a field from one of pydantic's error details."""
    return FieldError(path, found["msg"], chinese_words(found["type"], found.get("ctx")))


def _value(value: Any) -> str:
    """Return a limit as Chinese text writes it: lists with 、 and numbers without `.0`."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("'", "").replace(" or ", "、").replace(", ", "、")
