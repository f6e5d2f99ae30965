"""Texts of every notification, with hostile facts too, and the rules of a digest."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from deploy.cli import app
from roost import ids
from roost.contact.stop_words import WORDS, is_stop
from roost.events.match import Reason
from roost.events.notice import Words
from roost.events.notification import URGENT, NotificationKind
from roost.events.opening import OpeningContent
from roost.wording import Message, Subject, inert, samples, templates, write
from roost.wording.digest import LINES, LINES_PER_EMPLOYER, select
from roost.wording.template_facts import NOTICES
from roost.wording.writing import LONGEST_BODY, LONGEST_TITLE

KINDS = list(NotificationKind)
WITHOUT_OPENING = NOTICES | {
    NotificationKind.ADDRESS_CODE,
    NotificationKind.SIGN_IN_CODE,
    NotificationKind.STATION_MESSAGE,
    NotificationKind.WEBHOOK_DISABLED,
}
ABOUT_OPENINGS = [kind for kind in KINDS if kind not in WITHOUT_OPENING]
LANGUAGES = ("zh", "en")
STOP_URL = "https://example.org/stop/1"
HOSTILE = st.one_of(
    st.text(min_size=1, max_size=400),
    st.lists(
        st.sampled_from(
            [
                "{{ 7 * 7 }}",
                "{% for x in y %}",
                "{# gone #}",
                "\n",
                "\r\n",
                "\u2028",
                "\x00",
                "\x1b[31m",
                "\u202e",
                "\u200b",
                "\ud800",
                "https://phish.example/a",
                "HTTP：／／phish.example",
                "www.phish.example",
                "phish.example/a",
                "1.2.3.4:80/a",
                "<b>",
                "电焊工",
                "{address}",
                "%s",
            ]
        ),
        min_size=1,
        max_size=60,
    ).map("".join),
)


def said(kind: NotificationKind, language: str = "zh", **given: Any) -> Message:
    return write("n-1", language, [samples.sample(kind, language)], at=samples.NOW, **given)


def opening(
    number: int, employer: str, score: float, kind: NotificationKind = NotificationKind.NEW_MATCH
) -> Subject:
    subject = samples.sample(kind, "zh")
    id = ids.notification_id(subject.notification.recipient.id, str(number), kind.value, 1)
    notification = subject.notification.model_copy(update={"id": id})
    fact = {
        **(subject.opening or {}),
        "title": f"岗位{number}号",
        "hiringOrganization": {"id": f"id-{employer}", "name": employer},
    }
    match = {**(subject.match or {}), "score": score}
    return Subject(notification, opening=fact, match=match)


def hostile(kind: NotificationKind, text: str) -> Subject:
    subject = samples.sample(kind, "zh")
    fact = {
        **(subject.opening or {}),
        "title": text,
        "hiringOrganization": {"name": text},
        "jobLocation": {"name": text},
    }
    reasons = [{"part": "skills", "points": 1.0, "zh": text, "en": text}] * 4
    match = {**(subject.match or {}), "reasons": reasons, "missingSkills": [text] * 100}
    return replace(subject, opening=fact, match=match)


def lines(message: Message) -> list[str]:
    return [each for each in message.body.splitlines() if re.match(r"\d+\. |• ", each)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_written_in_both_languages(kind: NotificationKind, language: str) -> None:
    message = said(kind, language)
    whole = f"{message.title}\n{message.body}"
    assert message.title
    assert message.body
    assert not re.search(r"\{\{|\}\}|\{%|%\}|None|Undefined", whole)
    assert bool(re.search(r"[\u4e00-\u9fff]", whole)) == (language == "zh")
    assert message.urgent == (kind in URGENT)


@pytest.mark.parametrize("kind", ABOUT_OPENINGS)
def test_all_but_notices_tell_the_opening_the_employer_and_the_next_step(
    kind: NotificationKind,
) -> None:
    for language, step in (("zh", "下一步："), ("en", "Next step: ")):
        message, fact = said(kind, language), samples.OPENINGS[language]
        assert fact["title"] in message.title
        for told in (fact["hiringOrganization"]["name"], fact["jobLocation"]["name"], step):
            assert told in message.body


def test_both_languages_have_a_template_for_every_kind_and_no_other() -> None:
    folder = Path(templates.__file__).parents[1] / "data" / "templates"
    for language in LANGUAGES:
        found = {path.name.removesuffix(".txt.j2") for path in (folder / language).iterdir()}
        assert found == set(templates.NAMES)


def test_the_samples_are_as_the_events_allow() -> None:
    for fact in samples.OPENINGS.values():
        OpeningContent.model_validate({k: each for k, each in fact.items() if k != "id"})
    for reason in samples.MATCH["reasons"]:
        Reason.model_validate(reason)
    for words in (*samples.ANSWER.values(), *samples.NEWS.values()):
        Words.model_validate(words)


@pytest.mark.parametrize(
    ("language", "begins"),
    [("zh", "新"), ("zh-Hans", "新"), ("ZH_cn", "新"), ("en", "New"), ("fr", "New"), ("", "New")],
)
def test_any_language_but_chinese_gets_english(language: str, begins: str) -> None:
    subject = samples.sample(NotificationKind.NEW_MATCH, "zh")
    assert write("n-1", language, [subject]).title.startswith(begins)


@pytest.mark.parametrize(
    ("wage", "zh", "en"),
    [
        (
            {"minValue": 5000, "maxValue": 7000, "currency": "CNY", "unitText": "MONTH"},
            "招聘缝纫工，5,000–7,000 元/月。",
            "offers 缝纫工 for CNY 5,000–7,000 a month.",
        ),
        (
            {"minValue": 0.35, "maxValue": 0.35, "currency": "CNY", "unitText": "PIECE"},
            "招聘缝纫工，0.35 元/件。",
            "offers 缝纫工 for CNY 0.35 a piece.",
        ),
        (None, "招聘缝纫工。", "offers 缝纫工."),
    ],
)
def test_a_wage_is_told_with_its_period_and_currency(
    wage: dict[str, Any] | None, zh: str, en: str
) -> None:
    subject = samples.sample(NotificationKind.NEW_MATCH, "zh")
    fact = {**(subject.opening or {}), "baseSalary": wage}
    subject = replace(subject, opening=fact)
    assert zh in write("n-1", "zh", [subject]).body
    assert en in write("n-1", "en", [subject]).body


def test_a_new_match_tells_the_three_greatest_reasons_and_never_the_clerks_next_step() -> None:
    subject = samples.sample(NotificationKind.NEW_MATCH, "en")
    given = list(reversed((subject.match or {})["reasons"]))
    subject = replace(subject, match={"reasons": given})
    told = [each[3:] for each in lines(write("n-1", "en", [subject]))]
    assert told == [each["en"] for each in samples.MATCH["reasons"][:3]]


@pytest.mark.parametrize(
    ("passed", "zh", "en"),
    [
        (timedelta(minutes=-5), "不到 1 小时", "less than an hour"),
        (timedelta(minutes=59), "不到 1 小时", "less than an hour"),
        (timedelta(hours=1), "1 小时", "for 1 hour:"),
        (timedelta(hours=23), "23 小时", "for 23 hours:"),
        (timedelta(days=3, hours=5), "3 天", "for 3 days:"),
    ],
)
def test_a_waiting_match_tells_how_long(passed: timedelta, zh: str, en: str) -> None:
    subject = samples.sample(NotificationKind.MATCH_WAITING, "zh")
    now = samples.POSTED + passed
    assert f"已等待 {zh}）" in write("n-1", "zh", [subject], at=now).title
    assert en in write("n-1", "en", [subject], at=now).title


def test_without_the_time_a_waiting_match_tells_that_it_waits() -> None:
    subject = samples.sample(NotificationKind.MATCH_WAITING, "zh")
    subject = replace(subject, match=None)
    assert write("n-1", "zh", [subject]).title == "匹配待认领：缝纫工"


@pytest.mark.parametrize("kind", sorted(NOTICES))
def test_a_notice_in_one_language_is_sent_in_that_language(kind: NotificationKind) -> None:
    subject = samples.sample(kind, "zh")
    for has, wants in (("zh", "en"), ("en", "zh")):
        only = replace(subject, notice={has: (subject.notice or {})[has]})
        sent = write("n-1", has, [subject])
        assert write("n-1", wants, [only]) == replace(sent, chinese=wants == "zh")


def test_a_notice_keeps_its_lines_and_links_and_loses_control_characters() -> None:
    subject = samples.sample(NotificationKind.POLICY_NEWS, "zh")
    body = "第一条\r\nhttps://gov.example/a\x07\n\n\n\n第二条\u202e"
    subject = replace(subject, notice={"zh": {"title": "题\n目", "body": body}})
    message = write("n-1", "zh", [subject])
    assert message.title == "政策资讯：题 目"
    assert message.body == "第一条\nhttps://gov.example/a\n\n第二条"


def test_a_worker_is_told_last_how_to_stop_and_a_station_is_not() -> None:
    assert said(NotificationKind.NEW_MATCH, "zh", stop_url=STOP_URL).body.endswith(
        f"\n退订：{STOP_URL}"
    )
    english = said(NotificationKind.NEW_MATCH, "en", stop_url=STOP_URL)
    assert english.body.endswith(f"\nStop all messages: {STOP_URL}")
    assert english.stop_url == STOP_URL
    station = said(NotificationKind.QUEUE_NEW, "zh", stop_url=STOP_URL)
    assert STOP_URL not in station.body
    assert station.stop_url == ""


def test_a_long_notice_is_cut_and_still_tells_how_to_stop() -> None:
    subject = samples.sample(NotificationKind.POLICY_NEWS, "zh")
    subject = replace(subject, notice={"zh": {"title": "题" * 300, "body": "文" * 4_000}})
    message = write("n-1", "zh", [subject], stop_url=STOP_URL)
    assert len(message.title) == LONGEST_TITLE
    assert message.title.endswith("…")
    assert len(message.body) == LONGEST_BODY
    assert message.body.endswith(f"…\n退订：{STOP_URL}")


@given(text=HOSTILE, kind=st.sampled_from(ABOUT_OPENINGS), language=st.sampled_from(LANGUAGES))
def test_hostile_facts_are_shown_and_do_nothing(
    text: str, kind: NotificationKind, language: str
) -> None:
    calm = write("n-1", language, [hostile(kind, "x")], at=samples.NOW)
    message = write("n-1", language, [hostile(kind, text)], at=samples.NOW)
    assert len(message.title) <= LONGEST_TITLE
    assert len(message.body) <= LONGEST_BODY
    assert "\n" not in message.title
    assert message.body.count("\n") == calm.body.count("\n")
    assert message.body.splitlines()[-1] == calm.body.splitlines()[-1]
    for character in f"{message.title}{message.body}".replace("\n", ""):
        assert character in inert.JOINERS or unicodedata.category(character) not in {
            "Cc",
            "Cf",
            "Cs",
            "Zl",
            "Zp",
        }
    message.body.encode("utf-8")


@given(HOSTILE)
def test_no_link_is_left_in_a_line(text: str) -> None:
    told = inert.line(text, 200, chinese=True)
    assert 1 <= len(told) <= 200
    assert not re.search(r"[:：][/／]{2}", told)
    assert not re.search(r"(?<![a-z0-9])www\.", told, re.IGNORECASE)
    assert not re.search(r"\w\.[^\W\d_]{2}", told)


@given(st.lists(HOSTILE, min_size=2, max_size=15))
def test_hostile_facts_add_no_line_to_a_digest(texts: list[str]) -> None:
    subjects = [hostile(NotificationKind.NEW_MATCH, text) for text in texts]
    message = write("n-1", "zh", subjects)
    told = len(lines(message))
    assert told <= LINES
    assert len(message.body) <= LONGEST_BODY
    left = re.search(r"(?:另有|共有) (\d+) 条", message.body)
    assert told + (int(left[1]) if left else 0) == len(subjects)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("{{ 7 * 7 }}", "{{ 7 * 7 }}"),
        ("焊工 https://phish.example/a?b，包住", "焊工 （链接已略），包住"),
        ("焊工\u200bht\u200btps://phish.example", "焊工（链接已略）"),
        ("看www.phish.example", "看（链接已略）"),
        ("Phish.com", "Phish. com"),
        ("Node.js工程师", "Node.js工程师"),
        ("Phish.js.com", "Phish. js. com"),
        ("10.0.0.1/a", "（链接已略）"),
        ("月薪 4.5 千", "月薪 4.5 千"),
        ("a\r\nb\tc\u2028d", "a b c d"),
        ("\u200b\x00", "—"),
        ("ᠮᠣᠩᠭᠣᠯ\u180e", "ᠮᠣᠩᠭᠣᠯ\u180e"),
    ],
)
def test_what_a_line_becomes(written: str, shown: str) -> None:
    assert inert.line(written, 80, chinese=True) == shown


@pytest.mark.parametrize(
    ("kind", "lost", "named"),
    [
        (NotificationKind.NEW_MATCH, {"opening": None}, "opening"),
        (NotificationKind.NEW_MATCH, {"match": None}, "match"),
        (NotificationKind.NEW_MATCH, {"match": {}}, "match.reasons"),
        (NotificationKind.MATCH_WAITING, {"match": {}}, "match.proposedAt"),
        (NotificationKind.POLICY_NEWS, {"notice": None}, "notice"),
        (NotificationKind.POLICY_NEWS, {"notice": {}}, "notice.zh or notice.en"),
        (NotificationKind.POLICY_NEWS, {"notice": {"zh": {"title": "题"}}}, "notice.zh.body"),
        (
            NotificationKind.OPENING_CLOSED,
            {"opening": {"hiringOrganization": {"name": "甲"}}},
            "opening.title, opening.jobLocation.name",
        ),
    ],
)
def test_what_the_views_no_longer_hold_is_named(
    kind: NotificationKind, lost: dict[str, Any], named: str
) -> None:
    subject = replace(samples.sample(kind, "zh"), **lost)
    with pytest.raises(ValueError, match=rf"do not hold {re.escape(named)}$"):
        write("n-1", "zh", [subject], at=samples.NOW)


def test_a_message_needs_a_subject_and_has_one_recipient() -> None:
    with pytest.raises(ValueError, match="at least one"):
        write("n-1", "zh", [])
    kinds = (NotificationKind.NEW_MATCH, NotificationKind.QUEUE_NEW)
    mixed = [samples.sample(kind, "zh") for kind in kinds]
    with pytest.raises(ValueError, match="several recipients"):
        write("n-1", "zh", mixed)


def test_a_digest_begins_with_the_best_match() -> None:
    subjects = [opening(number, f"甲{number}", 10.0 * number) for number in range(1, 6)]
    told = lines(write("n-1", "zh", subjects))
    assert [re.findall(r"岗位(\d)号", each) for each in told] == [[each] for each in "54321"]


def test_one_employer_has_at_most_three_lines_and_the_rest_are_counted() -> None:
    subjects = [opening(number, "大厂", 90.0 - number) for number in range(8)]
    subjects += [opening(20 + number, f"小厂{number}", 50.0) for number in range(3)]
    message = write("n-1", "zh", subjects)
    told = lines(message)
    assert sum("大厂" in each for each in told) == LINES_PER_EMPLOYER
    assert len(told) == 6
    assert "另有 5 条未列出（匹配 5 个，其他 0 条）" in message.body
    assert "and 5 more" in write("n-1", "en", subjects).body


def test_an_employer_under_two_ids_is_one_employer() -> None:
    subjects = [opening(number, "大厂", 50.0) for number in range(8)]
    for number, subject in enumerate(subjects):
        assert subject.opening is not None
        subject.opening["hiringOrganization"]["id"] = f"e-{number}"
    assert len(select(subjects).matches) == LINES_PER_EMPLOYER


def test_other_kinds_come_after_the_matches_and_are_not_crowded_out() -> None:
    subjects = [opening(number, f"厂{number}", 50.0) for number in range(30)]
    subjects += [opening(40, "乙", 0.0, NotificationKind.MATCH_PLACED)]
    subjects += [samples.sample(NotificationKind.POLICY_NEWS, "zh")]
    message = write("n-1", "zh", subjects)
    told = lines(message)
    assert len(told) == LINES
    assert [each.startswith("• ") for each in told] == [False] * 8 + [True] * 2
    assert "另有 22 条未列出（匹配 22 个，其他 0 条）" in message.body
    assert message.title == "32 条新消息，其中岗位匹配 30 个"


def test_a_digest_of_other_kinds_only_uses_all_lines() -> None:
    subjects = [
        opening(number, f"厂{number}", 0.0, NotificationKind.MATCH_CLAIMED) for number in range(12)
    ]
    message = write("n-1", "zh", subjects)
    assert len(lines(message)) == LINES
    assert "另有 2 条未列出（匹配 0 个，其他 2 条）" in message.body


def test_an_urgent_subject_makes_the_digest_urgent_and_comes_first_among_the_others() -> None:
    calm = opening(1, "甲", 0.0, NotificationKind.MATCH_CLAIMED)
    urgent = opening(2, "乙", 0.0, NotificationKind.INTERVIEW_SET)
    message = write("n-1", "zh", [calm, urgent])
    assert message.urgent
    assert "面试已安排" in lines(message)[0]
    assert not write("n-1", "zh", [calm, calm]).urgent


def test_a_digest_needs_the_scores_that_it_orders_by() -> None:
    subject = replace(opening(1, "甲", 1.0), match={"reasons": []})
    with pytest.raises(ValueError, match=r"match\.score"):
        write("n-1", "zh", [subject, subject])


@given(
    st.lists(
        st.tuples(
            st.integers(0, 4),
            st.floats(0, 100),
            st.sampled_from(
                [
                    NotificationKind.NEW_MATCH,
                    NotificationKind.MATCH_CLAIMED,
                    NotificationKind.OPENING_CLOSED,
                ]
            ),
        ),
        max_size=40,
    ),
    st.integers(0, LINES),
)
def test_every_subject_of_a_digest_is_told_or_counted(
    drawn: list[tuple[int, float, NotificationKind]], most: int
) -> None:
    subjects = [
        opening(number, f"厂{employer}", score, kind)
        for number, (employer, score, kind) in enumerate(drawn)
    ]
    chosen = select(subjects, most)
    told = [*chosen.matches, *chosen.others]
    assert len(told) <= most
    assert len(told) + chosen.matches_left + chosen.others_left == len(subjects)
    employers = [(each.opening or {})["hiringOrganization"]["name"] for each in told]
    assert all(employers.count(each) <= LINES_PER_EMPLOYER for each in employers)
    scores = [(each.match or {})["score"] for each in chosen.matches]
    assert scores == sorted(scores, reverse=True)


def test_a_county_may_put_one_template_in_place_of_ours(tmp_path: Path) -> None:
    own(tmp_path, "zh/new_match", "凤还巢：{{ opening.title }}\n请致电 0352-0000000。\n")
    samples.check(tmp_path)
    message = said(NotificationKind.NEW_MATCH, folder=tmp_path)
    assert (message.title, message.body) == ("凤还巢：缝纫工", "请致电 0352-0000000。")
    kept = said(NotificationKind.QUEUE_NEW, folder=tmp_path)
    assert kept == said(NotificationKind.QUEUE_NEW)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("zh/new_match", "{{ opening.titel }}\nx", "titel"),
        ("zh/new_match", "{% if %}\nx", "line 1"),
        ("zh/new_match", "{{ opening.__class__.__mro__ }}\nx", "unsafe"),
        ("zh/new_match", "{{ 1 / 0 }}\nx", "ZeroDivisionError"),
        ("en/digest", "{{ total }}", "no body"),
        ("zh/newmatch", "a\nb", "belongs to no message"),
    ],
)
def test_a_faulty_template_is_named_by_the_check(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    own(tmp_path, name, text)
    with pytest.raises(templates.BadTemplate, match=told) as found:
        samples.check(tmp_path)
    assert name in found.value.message
    assert name in found.value.message_zh


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(templates.BadTemplate, match="does not exist"):
        samples.check(tmp_path / "away")


def own(folder: Path, name: str, text: str) -> None:
    path = folder / f"{name}.txt.j2"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def shown(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["preview", *arguments])
    assert done.exit_code == code, done.output
    return done.output


def test_the_preview_lists_all_kinds() -> None:
    assert [line.split()[0] for line in shown().splitlines()] == [kind.value for kind in KINDS]


def test_the_preview_shows_a_kind_and_a_digest_in_both_languages() -> None:
    assert shown("interview_set").startswith("面试已安排：缝纫工\n\n")
    assert shown("interview_set", "--language", "en").startswith("Interview arranged: Sewing")
    assert "and 4 more" in shown("--digest", "--language", "en")


@pytest.mark.parametrize(
    "wrong", [["pigeon"], ["new_match", "--language", "fr"], ["new_match", "--digest"]]
)
def test_the_preview_refuses_what_it_does_not_know(wrong: list[str]) -> None:
    shown(*wrong, code=2)


def test_the_preview_checks_a_countys_templates(tmp_path: Path) -> None:
    own(tmp_path, "en/queue_new", "{{ nothing }}")
    done = CliRunner().invoke(app, ["preview", "new_match", "--templates", str(tmp_path)])
    assert isinstance(done.exception, templates.BadTemplate)


@pytest.mark.parametrize("word", sorted(WORDS))
def test_each_stop_word_stops_in_any_case_width_and_marks(word: str) -> None:
    wide = "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in word)
    for text in (
        word,
        word.upper(),
        wide,
        wide.upper(),
        f" {word}。\n",
        f"【{word}】",
        f"“{word}”!",
    ):
        assert is_stop(text)


@pytest.mark.parametrize(
    "text", ["STOP STOP", "退订，退订！", "stop all", "退 订", "S.T.O.P", "T\u200bD"]
)
def test_a_stop_said_twice_or_spaced_is_one(text: str) -> None:
    assert is_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "？！",
        "取消明天的面试",
        "我不要了解",
        "不要退订",
        "怎么退订？",
        "please do not stop",
        "the end",
        "weekend",
        "T恤",
        "退休",
        "停止线",
        "STOPPED",
        "YES",
    ],
)
def test_a_word_in_a_sentence_stops_nothing(text: str) -> None:
    assert not is_stop(text)


@given(st.sampled_from(sorted(WORDS)), st.text("吗abc", min_size=1, max_size=5))
def test_a_stop_word_with_other_words_is_no_stop(word: str, other: str) -> None:
    assert not is_stop(f"{word}{other}{word}")
    assert not is_stop(f"{other} {word}")
